{{- /* Pods of Helm's hooks: our image, for a moment. */ -}}
{{- define "countersign.errand" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "countersign.podSecurity" . | nindent 2 }}
{{- end }}

{{- define "countersign.errandContainer" -}}
image: {{ include "countersign.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources:
  requests: { cpu: 10m, memory: 64Mi }
  limits: { memory: 256Mi }
securityContext:
  {{- include "countersign.containerSecurity" . | nindent 2 }}
{{- end }}
