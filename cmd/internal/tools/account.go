package tools

import (
	"context"
	"fmt"
	"slices"

	"github.com/lavapayments/lava-go"
)

// Account is the account that the tools act for.
type Account interface {
	// Client returns a client, or an error that is [lava.ErrNoSecretKey] if no one is logged in.
	Client(opts ...lava.Option) (*lava.Client, error)
	// PromptClient returns a client for prompts, whose key may have fewer permissions.
	PromptClient(opts ...lava.Option) (*lava.Client, error)
	// Login ensures that a person is logged in, or says what a person must do. With again, another person can log in.
	// While it waits, it may call progress.
	Login(ctx context.Context, again bool, progress func(message string)) (Login, error)
}

// Login describes who is logged in. It contains no secret.
type Login struct {
	Status      LoginStatus `json:"status" jsonschema:"logged_in, or waiting until the person has opened login_url and agreed there"`
	LoginURL    string      `json:"login_url,omitzero" jsonschema:"where the person logs in, while status is waiting"`
	KeyFrom     string      `json:"key_from,omitzero" jsonschema:"where the secret key is kept; the key itself is never shown"`
	APIURL      string      `json:"api_url,omitzero" jsonschema:"the address of Lava's API that is used"`
	MerchantID  string      `json:"merchant_id,omitzero"`
	AccountID   string      `json:"account_id,omitzero"`
	WalletID    string      `json:"wallet_id,omitzero"`
	SecretKeyID string      `json:"secret_key_id,omitzero"`
	SpendKeyID  string      `json:"spend_key_id,omitzero" jsonschema:"the agent's own spend key, which prompt uses; a person can limit or revoke it"`
}

// LoginStatus is the state of a login.
type LoginStatus string

// The login statuses.
const (
	LoggedIn LoginStatus = "logged_in"
	Waiting  LoginStatus = "waiting"
)

// KeyAccount is an account with a given secret key.
type KeyAccount struct {
	from    string
	options []lava.Option
}

// NewKeyAccount returns an account for a client with these options, one of which is a secret key. The agent is told
// where the key comes from.
func NewKeyAccount(from string, options ...lava.Option) KeyAccount {
	return KeyAccount{from: from, options: options}
}

// Client implements [Account].
func (a KeyAccount) Client(opts ...lava.Option) (*lava.Client, error) {
	return lava.New(append(slices.Clip(a.options), opts...)...)
}

// PromptClient implements [Account]: its key is the same.
func (a KeyAccount) PromptClient(opts ...lava.Option) (*lava.Client, error) { return a.Client(opts...) }

// Login implements [Account]: it checks that the key works.
func (a KeyAccount) Login(ctx context.Context, again bool, _ func(string)) (Login, error) {
	if again {
		return Login{}, fmt.Errorf("the secret key comes from %s, which takes precedence over a login: a person must change it there", a.from)
	}
	client, err := a.Client()
	if err == nil {
		err = Check(ctx, client)
	}
	if err != nil {
		return Login{}, err
	}
	return Login{Status: LoggedIn, KeyFrom: a.from, APIURL: client.BaseURL()}, nil
}

// Check makes a call that works with any valid key.
func Check(ctx context.Context, client *lava.Client) error {
	_, err := client.Meters.List(ctx, lava.ListMetersParams{Limit: 1})
	return err
}
