{{/* Names that the chart sets itself: given again in env, one would silently win. Takes where, env. */}}
{{- define "garden.checkEnv" -}}
{{- range $name, $_ := .env -}}
{{- if regexMatch "^garden__(data|database|listen__.*|services__.*|servicesecret|admintoken|publicurl)$" (lower $name) -}}
{{- fail (printf "%s.%s: the chart sets this one itself, see publicUrl, secrets, database and services in values.yaml" $.where $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What a schema cannot say: settings that do not go together. */}}
{{- define "garden.checks" -}}
{{- include "garden.checkEnv" (dict "where" "env" "env" .Values.env) -}}
{{- range $name, $service := .Values.services -}}
{{- include "garden.checkEnv" (dict "where" (printf "services.%s.env" $name) "env" $service.env) -}}
{{- include "garden.checkEnv" (dict "where" (printf "services.%s.secretEnv" $name) "env" $service.secretEnv) -}}
{{- range $variable, $_ := $service.secretEnv -}}
{{- if or (hasKey ($service.env | default dict) $variable) (hasKey $.Values.env $variable) -}}
{{- fail (printf "services.%s.secretEnv.%s: it is in env too; give it once" $name $variable) -}}
{{- end -}}
{{- end -}}
{{- $several := gt (int $service.replicas) 1 -}}
{{- if and $several $service.single -}}
{{- fail (printf "services.%s.replicas is %d: this service runs once, see `single` in values.yaml" $name (int $service.replicas)) -}}
{{- end -}}
{{- with $service.storage -}}
{{- if and $several $service.exclusive -}}
{{- fail (printf "services.%s.replicas is %d: one pod at a time can have its storage open; without storage each has its own data" $name (int $service.replicas)) -}}
{{- end -}}
{{- if and $several (ne .accessMode "ReadWriteMany") -}}
{{- fail (printf "services.%s.replicas is %d: its storage is %s, which one pod can write to; set services.%s.storage.accessMode to ReadWriteMany" $name (int $service.replicas) .accessMode $name) -}}
{{- end -}}
{{- end -}}
{{- with $service.runsIn -}}
{{- $host := index $.Values.services . -}}
{{- if or (eq . $name) $host.runsIn -}}
{{- fail (printf "services.%s.runsIn is %s: name a service that has a pod of its own" $name .) -}}
{{- end -}}
{{- if $several -}}
{{- fail (printf "services.%s.replicas is %d: it runs in the pod of %s; set services.%s.replicas instead" $name (int $service.replicas) . .) -}}
{{- end -}}
{{- range $kind, $port := $service.ports -}}
{{- if has (int $port) (list (int $host.ports.http) (int $host.ports.grpc)) -}}
{{- fail (printf "services.%s.ports.%s is %d, a port of %s in the same pod: give it another" $name $kind (int $port) $service.runsIn) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if eq (int $service.ports.http) (int $service.ports.grpc) -}}
{{- fail (printf "services.%s.ports are both %d: without TLS a port speaks either HTTP/1.1 or HTTP/2, so two are needed" $name (int $service.ports.http)) -}}
{{- end -}}
{{- end -}}
{{- if eq (int .Values.gatewayService.httpPort) (int .Values.gatewayService.grpcPort) -}}
{{- fail (printf "gatewayService.httpPort and gatewayService.grpcPort are both %d: two are needed" (int .Values.gatewayService.httpPort)) -}}
{{- end -}}
{{- if and .Values.ingress.enabled (eq .Values.ingress.host .Values.ingress.grpcHost) -}}
{{- fail (printf "ingress.host and ingress.grpcHost are both %s: an ingress tells HTTP from gRPC by the name, so give gRPC another" .Values.ingress.host) -}}
{{- end -}}
{{- end -}}
