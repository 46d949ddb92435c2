// Package mockserver runs Lava offline and in process: the billing API, the AI
// gateway with fake providers, and a clock that tests control.
//
//	func TestChat(t *testing.T) {
//		s := mockserver.Start(t)
//		client := s.Client()
//		// … use client as with real Lava, then move the clock:
//		s.Advance(31 * 24 * time.Hour)
//	}
//
// [Start] is for tests and stops automatically; [New] is for all other uses.
// Servers share no state: nothing is global, and a thousand of them can run in
// parallel.
//
// # Time
//
// Billing follows the server's clock: cycles, days, expiries. The clock starts
// at the time of the server's creation and stands still until [Server.Advance]
// moves it; see [At] and [RealTime]. Waits for I/O, such as a fake provider's
// latency, use Go's own time, which testing/synctest can control.
//
// # Which merchant
//
// A server starts with one merchant, and [Server.NewMerchant] adds more. Methods of a
// [Merchant] are about that one. Methods of [Server] look at all merchants, and what they
// arm is for all: Calls, Events, Deliveries, NextDue, Unused, Fail, Decline, FailWebhooks,
// Script, Relax, Disarm. Those that need a merchant's keys, money or customers use the
// merchant that the server started with: SecretKey, Client, Payments, Ledger, Trigger,
// ChangeCard, Scenario, SetWebhookSecret, Reset. The control endpoints follow the same rule:
// without a key and without the argument "merchant" they do what methods of Server do.
//
// # What is known and what is assumed
//
// Lava's documentation and its published packages say much, but not all.
// docs/fidelity.md in the repository lists every assumption.
package mockserver
