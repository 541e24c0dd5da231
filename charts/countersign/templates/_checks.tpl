{{- /* What the schema of the values cannot say: keys that need each other, and the state of the cluster. */ -}}
{{- define "countersign.checks" -}}
{{- $v := .Values -}}
{{- $given := and $v.tls.secretName $v.tls.caBundle -}}
{{- if and (eq $v.tls.mode "existingSecret") (not $given) -}}
{{- fail "tls: mode existingSecret needs tls.secretName and tls.caBundle" -}}
{{- end -}}
{{- if and (ne $v.tls.mode "existingSecret") (or $v.tls.secretName $v.tls.caBundle) -}}
{{- fail (printf "tls: secretName and caBundle have no effect with mode %s; expected mode existingSecret" $v.tls.mode) -}}
{{- end -}}
{{- if and (ne $v.tls.mode "certManager") $v.tls.certManager.issuer.name -}}
{{- fail (printf "tls.certManager.issuer: has no effect with mode %s; expected mode certManager" $v.tls.mode) -}}
{{- end -}}
{{- if and (eq $v.caller.mode "mtls") (not (and $v.caller.clientCASecretName $v.caller.allowedNames)) -}}
{{- fail "caller: mode mtls needs caller.clientCASecretName and caller.allowedNames" -}}
{{- end -}}
{{- if and (eq $v.caller.mode "path") (or $v.caller.clientCASecretName $v.caller.allowedNames) -}}
{{- fail "caller: clientCASecretName and allowedNames have no effect with mode path; expected mode mtls" -}}
{{- end -}}
{{- if eq (int $v.ports.webhook) (int $v.ports.operations) -}}
{{- fail "ports: expected another port for operations than for webhook" -}}
{{- end -}}
{{- if and $v.podDisruptionBudget.enabled (ge (int $v.podDisruptionBudget.maxUnavailable) (int $v.replicas)) (gt (int $v.replicas) 1) -}}
{{- fail (printf "podDisruptionBudget.maxUnavailable: expected less than replicas, which is %d" (int $v.replicas)) -}}
{{- end -}}
{{- if and $v.openshift $v.hostNetwork -}}
{{- fail "hostNetwork: not with openshift, whose default constraints refuse it" -}}
{{- end -}}
{{- range $key, $_ := $v.serviceAccount.annotations -}}
{{- if hasPrefix "countersign.dev/" $key -}}
{{- fail (printf "serviceAccount.annotations: %s is the chart's own" $key) -}}
{{- end -}}
{{- end -}}
{{- range $key := list "app.kubernetes.io/name" "app.kubernetes.io/component" -}}
{{- if hasKey $v.podLabels $key -}}
{{- fail (printf "podLabels: %s is the chart's own" $key) -}}
{{- end -}}
{{- end -}}
{{- $config := $v.config -}}
{{- range $name, $vault := $config.vaults -}}
{{- if and (hasPrefix "http://" $vault.address) (not $vault.allowHTTP) -}}
{{- fail (printf "config.vaults.%s.address: expected https://, or allowHTTP: true beside it" $name) -}}
{{- end -}}
{{- if and $vault.ca $vault.caFile -}}
{{- fail (printf "config.vaults.%s: ca and caFile exclude each other" $name) -}}
{{- end -}}
{{- end -}}
{{- if and $config.injection (hasKey ($config.injection | default dict) "wrapped") -}}
{{- if ne $v.caller.mode "mtls" -}}
{{- fail "config.injection.wrapped: needs caller.mode mtls" -}}
{{- end -}}
{{- $asks := false -}}
{{- range $config.vaults -}}{{- if .facts -}}{{- $asks = true -}}{{- end -}}{{- end -}}
{{- if not $asks -}}
{{- fail "config.injection.wrapped: needs a connection in config.vaults with facts, the identity that asks" -}}
{{- end -}}
{{- end -}}
{{- with lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "countersign" -}}
{{- $owner := .metadata.annotations | default dict -}}
{{- $release := printf "%s/%s" (get $owner "meta.helm.sh/release-namespace") (get $owner "meta.helm.sh/release-name") -}}
{{- $own := printf "%s/%s" $.Release.Namespace $.Release.Name -}}
{{- if and (ne $release "/") (ne $release $own) -}}
{{- fail (printf "Countersign is installed in this cluster already, as release %s: there can be one. Expected: helm upgrade of that release, or its removal first" $release) -}}
{{- end -}}
{{- end -}}
{{- end }}
