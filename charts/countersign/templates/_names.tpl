{{- define "countersign.selector" -}}
app.kubernetes.io/name: countersign
app.kubernetes.io/component: webhook
{{- end }}

{{- define "countersign.labels" -}}
app.kubernetes.io/name: countersign
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "countersign.image" -}}
{{- with .Values.image -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end }}

{{- /* Restricted by the Pod Security Standards; OpenShift gives users out itself. */ -}}
{{- define "countersign.podSecurity" -}}
runAsNonRoot: true
{{- if not .Values.openshift }}
runAsUser: 65532
runAsGroup: 65532
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "countersign.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "countersign.tlsSecret" -}}
{{ eq .Values.tls.mode "existingSecret" | ternary .Values.tls.secretName "countersign-tls" }}
{{- end }}

{{- /* The conditions look where the built-in kinds have their templates; of a kind that has it elsewhere any change of its spec counts. */ -}}
{{- define "countersign.changedElsewhere" -}}
{{- range .Values.workloadKinds -}}
{{- if ne .template "spec.template" }} || (request.resource.group == '{{ .apiGroup }}' && request.resource.resource == '{{ .resource }}' && object.?spec != oldObject.?spec)
{{- end -}}
{{- end -}}
{{- end }}
