/** As the API server writes times (metav1.Time): RFC 3339 in UTC, whole seconds. @param ms since the epoch */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/u, 'Z');
}
