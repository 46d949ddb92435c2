// Package dialect reads the formats that LLM providers speak: which endpoint a
// path names, what a request asks for, and what an answer or a stream reports
// as used.
//
// A request goes through it in three steps. [EndpointOf] tells from method and
// path what is called, whoever the provider is, because one host may speak
// several formats. [Endpoint.ReadRequest] reads model and options. Then
// [Endpoint.ReadUsage] reads an answer's body, or a [Stream] one event after
// the other.
//
// Package translate, below this one, makes requests and answers of one format
// from those of another.
//
// It is pure: no I/O, and no state beyond a stream's own.
package dialect
