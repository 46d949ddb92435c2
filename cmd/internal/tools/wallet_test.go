package tools_test

import (
	"net/http"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestWallet(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.WalletBalance(decimal.NewFromInt(5)))
	a := connect(t, account(s))
	wallet, err := s.Client().Wallet.Retrieve(t.Context())
	require.NoError(t, err)
	assert.Equal(t, args{"wallet_id": wallet.WalletID, "balance": "5"}, a.do("get_balance", nil))

	shown := a.do("add_funds", nil)
	assert.Equal(t, "5", shown["balance"])
	assert.NotContains(t, shown, "status", "nothing was charged")
	cards := items(shown, "cards")
	require.Len(t, cards, 1)
	assert.Equal(t, "4242", cards[0]["last4"])
	assert.Equal(t, true, cards[0]["is_default"])

	for _, in := range []args{{"amount": "10.50"}, {"amount": "20", "payment_method_id": cards[0]["payment_method_id"]}} {
		added := a.do("add_funds", in)
		assert.Equal(t, "completed", added["status"])
		assert.NotEmpty(t, added["payment_id"])
		assert.NotContains(t, added, "cards")
	}
	assert.Equal(t, "35.5", a.do("get_balance", nil)["balance"])
	assert.Equal(t, "The wallet holds $35.50.", text(a.call("get_balance", nil)))

	assert.Contains(t, a.fail("add_funds", args{"amount": "9.99"}), "amount")
	assert.Equal(t, `bad arguments: amount: "-20" is not an amount such as 12.50`, a.fail("add_funds", args{"amount": "-20"}))
	assert.Contains(t, a.fail("add_funds", args{"amount": "20", "payment_method_id": "pm_none"}), "payment_method_id")
	assert.Equal(t, "35.5", a.do("get_balance", nil)["balance"], "only successful payments were charged")
}

// People read amounts with cents, a debt too.
func TestAmountsForPeople(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.WalletBalance(decimal.RequireFromString("0")))
	a := connect(t, account(s))
	assert.Equal(t, "The wallet holds $0.00.", text(a.call("get_balance", nil)))
	debtor, err := s.Scenario(mockserver.InDebt)
	require.NoError(t, err)
	assert.Regexp(t, `"Scenario Pro", active: -\$[0-9]+\.[0-9]{2,} of credit left`, text(a.call("get_subscription", args{"customer_id": debtor.CustomerID})))
	assert.Contains(t, text(a.call("list_plans", nil)), ": $0.00 a month with $0.00 of credit")
}

func TestFundsAreDeclinedOrWait(t *testing.T) {
	t.Parallel()
	declined := connect(t, account(mockserver.Start(t, mockserver.InMemory(), mockserver.WalletCard("4000000000000002"))))
	text := declined.fail("add_funds", args{"amount": "20"})
	assert.Contains(t, text, "declined")
	assert.NotContains(t, text, "may still have been charged")

	waiting := connect(t, account(mockserver.Start(t, mockserver.InMemory(), mockserver.WalletCard("4000002760003184"))))
	out := waiting.do("add_funds", args{"amount": "20"})
	assert.Equal(t, "requires_action", out["status"])
	assert.Contains(t, out["redirect_url"], "/wallet/confirm/")
	assert.NotContains(t, out, "balance")
	assert.Equal(t, "1000", waiting.do("get_balance", nil)["balance"])
}

// The error never suggests charging a card twice.
func TestFundsAreUncertain(t *testing.T) {
	t.Parallel()
	charges := 0
	a := connect(t, tools.NewKeyAccount("a test", lava.WithSecretKey("aks_test_1"), lava.WithBaseURL("http://lava.test"),
		lava.WithHTTPClient(handlerClient(func(w http.ResponseWriter, _ *http.Request) {
			charges++
			w.WriteHeader(http.StatusBadGateway)
		}))))
	text := a.fail("add_funds", args{"amount": "20", "payment_method_id": "pm_1"})
	assert.Contains(t, text, "may still have been charged")
	assert.NotContains(t, text, "try again")
	assert.Equal(t, 1, charges)
}

func TestNoCard(t *testing.T) {
	t.Parallel()
	a := connect(t, tools.NewKeyAccount("a test", lava.WithSecretKey("aks_test_1"), lava.WithBaseURL("http://lava.test"),
		lava.WithHTTPClient(handlerClient(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/wallet" {
				_, _ = w.Write([]byte(`{"wallet_id":"w","balance":"1.00"}`))
				return
			}
			_, _ = w.Write([]byte(`{"data":[]}`))
		}))))
	assert.Contains(t, a.fail("add_funds", args{"amount": "20"}), "a person must add one")
	assert.Contains(t, text(a.call("add_funds", nil)), "There is no card")
}
