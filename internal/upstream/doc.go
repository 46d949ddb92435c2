// Package upstream stands in for the LLM providers: a [Fake] responds as each of
// them would, and a [Router] sends chosen hosts elsewhere.
//
// A fake's responses are made from the request alone: the same request gets the
// same response, and usage is counted by a plain rule (one token per four
// characters), so that tests can expect it. Only ids and times differ, as far as
// [Fake.RequestID] and [Fake.Now] do. A [Reply] changes that where a test wants it:
// what is said, what is used, how fast, and how it fails.
//
// Waiting follows Go's time and the request's context. No goroutine is started.
package upstream
