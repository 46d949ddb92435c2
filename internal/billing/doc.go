// Package billing is what Lava does with money: meters, plans, customers,
// subscriptions, credits, and the ledger behind them.
//
// The [Engine] is a deterministic state machine. Every change is a command, a
// small struct that is given to [Do] together with the current time. Commands
// validate first and write after, so that a rejected one leaves nothing behind.
// The engine has no clock, no randomness, no I/O and no goroutine: the same
// commands at the same times give the same state, byte for byte, ids included.
//
// The Engine is a lock around the state. Rules are methods of the state and of
// what it holds, and take no lock. A command sees the state through a tx, to
// which it appends the events that Do hands on after unlocking. Reads are
// methods of Engine and change nothing.
package billing
