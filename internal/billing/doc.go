// Package billing implements Lava's billing: meters, plans, customers,
// subscriptions, credits, and their ledger.
//
// The [Engine] is a deterministic state machine. Every change is a command, a
// small struct that is passed to [Do] together with the current time. Commands
// validate first and then write, so that a rejected command changes nothing.
// The engine has no clock, no randomness, no I/O and no goroutine: the same
// commands at the same times give the same state, byte for byte, ids included.
//
// The Engine is a lock around the state. Rules are methods of the state and its
// parts, and take no lock. A command sees the state through a tx, to which it
// appends the events that Do publishes after unlocking. Reads are methods of
// Engine and change nothing.
package billing
