// Package upstream replaces the LLM providers: a [Fake] responds as each of them would, and a [Router] sends requests
// for chosen hosts elsewhere.
//
// A fake's responses depend only on the request: the same request gets the same response, and usage is counted by a
// simple rule (one token per four characters), so that tests can predict it. Only ids and times differ, as far as
// [Fake.RequestID] and [Fake.Now] do. A [Reply] overrides the response: its content, usage, speed, and faults.
//
// Waits follow Go's time and the request's context. The package starts no goroutines.
package upstream
