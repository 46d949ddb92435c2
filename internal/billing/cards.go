package billing

import "strings"

// Card is a payment card. Only the end of its number is kept.
type Card struct {
	Brand    string
	Last4    string
	ExpMonth int
	ExpYear  int
	AtOnce   DeclineReason // why it is declined in a checkout; empty if it works
	LaterOn  DeclineReason // why it is declined afterwards; empty if it works
	Confirm  bool          // a person must confirm the merchant's payments with it
}

// The test cards, which behave like Stripe's cards of the same number.
var testCards = map[string]Card{
	"4242424242424242": {Brand: "visa"},
	"4000000000000002": {Brand: "visa", AtOnce: DeclineGeneric, LaterOn: DeclineGeneric},
	"4000000000009995": {Brand: "visa", AtOnce: DeclineInsufficient, LaterOn: DeclineInsufficient},
	"4000000000000069": {Brand: "visa", AtOnce: DeclineExpired, LaterOn: DeclineExpired},
	"4000000000000341": {Brand: "visa", LaterOn: DeclineGeneric},
	"4000002760003184": {Brand: "visa", LaterOn: DeclineAuthentication, Confirm: true},
}

// TestCard returns the test card with a number, which may contain spaces. Other
// numbers are rejected: a real card does not belong in a mock.
func TestCard(number string, expMonth, expYear int) (Card, error) {
	digits := strings.ReplaceAll(number, " ", "")
	card, ok := testCards[digits]
	if !ok {
		return Card{}, Invalid("card", "only test cards work here: 4242 4242 4242 4242 (works), 4000 0000 0000 0002 (declined), 4000 0000 0000 9995 (insufficient funds), 4000 0000 0000 0069 (expired), 4000 0000 0000 0341 (works now, is declined later), 4000 0027 6000 3184 (its holder must confirm)")
	}
	if expMonth < 1 || expMonth > 12 {
		return Card{}, Invalid("card", "%d is not a month", expMonth)
	}
	card.Last4, card.ExpMonth, card.ExpYear = digits[len(digits)-4:], expMonth, expYear
	return card, nil
}
