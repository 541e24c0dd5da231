{{- /* What the chart says of the configuration file itself, over what the values say. */ -}}
{{- define "countersign.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $caller := dict "mode" .Values.caller.mode -}}
{{- if eq .Values.caller.mode "mtls" -}}
{{- $_ := set $caller "clientCAFile" "/var/run/secrets/countersign/client-ca/ca.crt" -}}
{{- $_ := set $caller "allowedNames" .Values.caller.allowedNames -}}
{{- end -}}
{{- $webhook := dict "address" (printf ":%d" (int .Values.ports.webhook)) "caller" $caller -}}
{{- $selfSigned := eq .Values.tls.mode "selfSigned" -}}
{{- if not $selfSigned -}}
{{- $_ := set $webhook "tls" (dict "certFile" "/var/run/secrets/countersign/tls/tls.crt" "keyFile" "/var/run/secrets/countersign/tls/tls.key") -}}
{{- end -}}
{{- $_ := set $config "webhook" $webhook -}}
{{- $_ := set $config "operations" (dict "address" (printf ":%d" (int .Values.ports.operations))) -}}
{{- $_ := set $config "leaderElection" (dict "namespace" .Release.Namespace "name" "countersign") -}}
{{- $_ := set $config "keys" (dict "secret" "countersign-keys" "namespace" .Release.Namespace "serviceName" "countersign" "configurations" "countersign" "tls" (ternary "SelfSigned" "External" $selfSigned)) -}}
{{- $injection := dict "image" (include "countersign.image" .) "imagePullPolicy" .Values.image.pullPolicy -}}
{{- if .Values.openshift -}}
{{- $_ := set $injection "runAsUser" nil -}}
{{- end -}}
{{- $_ := set $config "injection" (mergeOverwrite $injection ($config.injection | default dict)) -}}
{{- range $name, $vault := $config.vaults -}}
{{- if $vault.facts -}}
{{- $_ := set $vault.facts "tokenFile" (printf "/var/run/secrets/countersign/vaults/%s" $name) -}}
{{- end -}}
{{- end -}}
{{- with .Values.workloadKinds -}}
{{- $kinds := list -}}
{{- range . -}}{{- $kinds = append $kinds (pick . "kind" "template") -}}{{- end -}}
{{- $_ := set $config "workloadKinds" $kinds -}}
{{- end -}}
{{ toYaml $config }}
{{- end }}

{{- /* Without what a running server takes up by itself, AT_RUN_TIME in src/cli/follow-config.ts: a change of the rest needs new pods. */ -}}
{{- define "countersign.configOfStart" -}}
{{- $config := include "countersign.config" . | fromYaml -}}
{{- $_ := set $config "log" (omit ($config.log | default dict) "level") -}}
{{ toYaml $config }}
{{- end }}
