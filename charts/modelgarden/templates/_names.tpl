{{/* RELEASE-modelgarden, or RELEASE where that says it already; with room for the longest service's name. */}}
{{- define "garden.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What chooses the pods of this release. */}}
{{- define "garden.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "garden.labels" -}}
{{ include "garden.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "garden.secretName" -}}
{{- .Values.secrets.existingSecret | default (printf "%s-secrets" (include "garden.name" .)) -}}
{{- end -}}

{{- define "garden.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{- .Values.publicUrl -}}
{{- else if .Values.ingress.enabled -}}
{{- ternary "https" "http" (not (empty .Values.ingress.tls.secretName)) }}://{{ .Values.ingress.host -}}
{{- end -}}
{{- end -}}

{{/* A service's image. Takes root, name. */}}
{{- define "garden.image" -}}
{{- $common := .root.Values.image -}}
{{- $own := (index .root.Values.services .name).image | default dict -}}
{{- $registry := $own.registry | default $common.registry -}}
{{- $repository := $own.repository | default (printf "%s/%s" $common.repository .name) -}}
{{- $tag := $own.tag | default $common.tag | default .root.Chart.AppVersion -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $repository }}{{ if $own.digest }}@{{ $own.digest }}{{ else }}:{{ $tag }}{{ end -}}
{{- end -}}

{{/* What all containers run under. */}}
{{- define "garden.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "garden.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}
