# lavamock in a container. Not run yet: this was written without Docker.
#
#	docker build -t lavamock .
#	docker run -p 5282:5282 -e LAVA_MOCK_TOKEN lavamock
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY . .
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /lavamock ./cmd/lavamock

FROM scratch
# For requests to real providers, which -upstream allows.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /lavamock /lavamock
USER 65532:65532
EXPOSE 5282
ENTRYPOINT ["/lavamock", "-addr", "0.0.0.0:5282"]
