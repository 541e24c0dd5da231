/**
 * A moment as the API's MicroTime (apimachinery/pkg/apis/meta/v1/micro_time.go), which is read only with exactly six
 * digits after the point.
 */
export function microTime(moment: Date): string {
  return moment.toISOString().replace('Z', '000Z');
}
