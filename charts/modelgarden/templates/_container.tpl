{{/* A service's ports as its Service has them. Takes root, name. */}}
{{- define "garden.servicePort.http" -}}
{{- if eq .name "gateway" }}{{ .root.Values.gatewayService.httpPort }}{{ else }}8080{{ end -}}
{{- end -}}
{{- define "garden.servicePort.grpc" -}}
{{- if eq .name "gateway" }}{{ .root.Values.gatewayService.grpcPort }}{{ else }}8081{{ end -}}
{{- end -}}

{{/* Whose pod a service runs in. Takes root, name. */}}
{{- define "garden.pod" -}}
{{- (index .root.Values.services .name).runsIn | default .name -}}
{{- end -}}

{{/*
Where each service is called. Takes root, name (who calls). In one pod they call each other without their Services: those have no
addresses before the whole pod is ready, and it would wait for itself.
*/}}
{{- define "garden.addresses" -}}
{{- $root := .root -}}
{{- $ownPod := include "garden.pod" . -}}
{{- range $peer, $service := $root.Values.services -}}
{{- $at := dict "root" $root "name" $peer -}}
{{- range $kind := list "Grpc" "Http" }}
- name: Garden__Services__{{ $peer }}__{{ $kind }}
{{- if eq $ownPod (include "garden.pod" $at) }}
  value: http://127.0.0.1:{{ index $service.ports (lower $kind) }}
{{- else }}
  value: http://{{ include "garden.name" $root }}-{{ $peer }}:{{ include (printf "garden.servicePort.%s" (lower $kind)) $at }}
{{- end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Takes root, name. */}}
{{- define "garden.env" -}}
{{- $service := index .root.Values.services .name -}}
- name: Garden__Data
  value: /data
- name: Garden__Listen__Grpc
  value: http://0.0.0.0:{{ $service.ports.grpc }}
- name: Garden__Listen__Http
  value: http://0.0.0.0:{{ $service.ports.http }}
- name: Garden__PublicUrl
  value: {{ include "garden.publicUrl" .root | quote }}
{{- include "garden.addresses" . }}
- name: Garden__ServiceSecret
  valueFrom:
    secretKeyRef:
      name: {{ include "garden.secretName" .root }}
      key: {{ .root.Values.secrets.serviceSecretKey }}
{{- if $service.adminToken }}
- name: Garden__AdminToken
  valueFrom:
    secretKeyRef:
      name: {{ include "garden.secretName" .root }}
      key: {{ .root.Values.secrets.adminTokenKey }}
{{- end }}
{{- if $service.database }}
- name: Garden__Database
  valueFrom:
    secretKeyRef:
      name: {{ .root.Values.database.existingSecret }}
      key: {{ .root.Values.database.key }}
{{- end }}
{{- range $name, $from := $service.secretEnv }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $from.secret }}
      key: {{ $from.key }}
{{- end }}
{{- $env := deepCopy .root.Values.env }}
{{- range $name, $value := $service.env }}
{{- $_ := set $env $name $value }}
{{- end }}
{{- range $name, $value := $env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Takes root, name. */}}
{{- define "garden.container" -}}
{{- $service := index .root.Values.services .name -}}
- name: {{ .name }}
  image: {{ include "garden.image" . }}
  imagePullPolicy: {{ ($service.image | default dict).pullPolicy | default .root.Values.image.pullPolicy }}
  ports:
    - containerPort: {{ $service.ports.http }}
    - containerPort: {{ $service.ports.grpc }}
  env:
    {{- include "garden.env" . | nindent 4 }}
  # Migrations run before the ports open: they have ten minutes.
  startupProbe:
    httpGet: { path: /healthz/live, port: {{ $service.ports.http }} }
    periodSeconds: 2
    failureThreshold: 300
  readinessProbe:
    httpGet: { path: /healthz, port: {{ $service.ports.http }} }
    periodSeconds: 5
    timeoutSeconds: 3
  livenessProbe:
    httpGet: { path: /healthz/live, port: {{ $service.ports.http }} }
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  lifecycle:
    # Until every node has heard that this pod takes no more calls.
    preStop:
      sleep: { seconds: 5 }
  resources:
    {{- toYaml $service.resources | nindent 4 }}
  securityContext:
    {{- include "garden.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - { name: {{ .name }}-data, mountPath: /data }
    - { name: {{ .name }}-tmp, mountPath: /tmp }
{{- end -}}

{{/* Takes root, name. */}}
{{- define "garden.volumes" -}}
{{- $service := index .root.Values.services .name -}}
- name: {{ .name }}-data
  {{- if $service.storage }}
  persistentVolumeClaim:
    claimName: {{ $service.storage.existingClaim | default (printf "%s-%s" (include "garden.name" .root) .name) }}
  {{- else }}
  emptyDir: { sizeLimit: {{ $service.scratch }} }
  {{- end }}
- name: {{ .name }}-tmp
  emptyDir: { sizeLimit: 1Gi }
{{- end -}}
