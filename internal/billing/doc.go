// Package billing is what Lava does with money: meters, plans, customers,
// subscriptions, credits, and the ledger behind them.
//
// The [Engine] is a deterministic state machine. Every change is a command, a
// small struct that is given to [Do] together with the current time. Commands
// validate first and write after, so that a refused one leaves nothing behind.
// The engine has no clock, no randomness, no I/O and no goroutine: the same
// commands at the same times give the same state, byte for byte, ids included.
//
// Everything that is only asked is a method of Engine and changes nothing.
package billing
