// Package e2e tests everything from outside: the official SDKs, unmodified, in Node and in Go, against the mock
// server.
//
//	npm ci --prefix node
//	go test ./...
//
// It is a separate module, so that no other module depends on the SDKs.
package e2e
