// Package e2e tests the whole from outside: the official SDKs, unmodified, in
// Node and in Go, against the mock server.
//
//	npm ci --prefix node
//	go test ./...
//
// It is a module of its own, so that no other depends on what it needs.
package e2e
