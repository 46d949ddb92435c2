package main

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
)

// newAccount returns the account that the environment selects: that of a secret key, or of the person who logs in.
// ctx ends logins.
func newAccount(ctx context.Context, getenv func(string) string) (tools.Account, error) {
	api, app := getenv("LAVA_API_URL"), getenv("LAVA_APP_URL")
	// A server on this machine is both, like the mock. Its logins must not be sent to the real Lava, nor its keys.
	switch {
	case api == "" && isLocal(app):
		api = app
	case app == "" && isLocal(api):
		app = api
	}
	if key := getenv("LAVA_SECRET_KEY"); key != "" {
		return tools.NewKeyAccount("the environment variable LAVA_SECRET_KEY", lava.WithSecretKey(key), lava.WithBaseURL(api)), nil
	}
	file, err := openCredentialsFile()
	if err != nil {
		return nil, err
	}
	return &loginAccount{
		ctx: ctx, api: api, app: app, file: file, openBrowser: browser{getenv: getenv}.open,
		patience: 45 * time.Second, life: 10 * time.Minute, tick: 5 * time.Second,
	}, nil
}

func isLocal(address string) bool {
	u, err := url.Parse(address)
	return err == nil && isLoopback(u.Hostname())
}

// loginAccount is the account of the person who logs in. The credentials are in a file, so that later runs and other
// agents find them.
type loginAccount struct {
	ctx         context.Context //nolint:containedctx // ends logins, which outlive the tool calls that begin them
	api, app    string          // addresses, or "" for Lava's own
	file        credentialsFile
	openBrowser func(ctx context.Context, page string) error

	patience time.Duration // how long a tool call waits; many agents give up after 60 seconds
	life     time.Duration // how long a person has to log in
	tick     time.Duration // between two reports of progress

	mu      sync.Mutex
	current *pendingLogin
}

// address returns the normalized address under which credentials are kept.
func (a *loginAccount) address() string {
	address := cmp.Or(a.api, a.app, "https://api.lava.so")
	return strings.TrimSuffix(strings.TrimRight(address, "/"), "/v1")
}

// Client implements [tools.Account].
func (a *loginAccount) Client(opts ...lava.Option) (*lava.Client, error) {
	credentials, err := a.file.load(a.address())
	if err != nil {
		return nil, err
	}
	return a.client(credentials, opts...)
}

// PromptClient implements [tools.Account]: its key is the agent's spend key.
func (a *loginAccount) PromptClient(opts ...lava.Option) (*lava.Client, error) {
	credentials, err := a.file.load(a.address())
	if err != nil {
		return nil, err
	}
	client, err := a.client(credentials)
	if err != nil {
		return nil, err
	}
	// Unlike a secret key, a spend key does not show which Lava issued it.
	return lava.New(append([]lava.Option{lava.WithSecretKey(credentials.SpendKey.Reveal()), lava.WithBaseURL(client.BaseURL())}, opts...)...)
}

func (a *loginAccount) client(c credentials, opts ...lava.Option) (*lava.Client, error) {
	if c.SecretKey.IsZero() {
		return nil, lava.ErrNoSecretKey
	}
	return lava.New(append([]lava.Option{lava.WithSecretKey(c.SecretKey.Reveal()), lava.WithBaseURL(a.api)}, opts...)...)
}

// Login implements [tools.Account].
func (a *loginAccount) Login(ctx context.Context, again bool, progress func(string)) (tools.Login, error) {
	if _, err := a.file.load(a.address()); err != nil {
		return tools.Login{}, err // so that a person doesn't log in for nothing
	}
	if !again {
		login, err := a.loggedIn(ctx)
		if !errors.Is(err, lava.ErrNoSecretKey) && !errors.Is(err, lava.ErrUnauthorized) {
			return login, err
		}
	}
	login, joined := a.begin()
	select {
	case <-login.opened:
	case <-login.done:
	case <-ctx.Done():
		return tools.Login{}, ctx.Err()
	}
	if joined || login.inBrowser {
		if err := login.wait(ctx, a.patience, a.tick, progress); err != nil {
			return tools.Login{}, err
		}
	}
	select {
	case <-login.done:
		if login.err != nil {
			return tools.Login{}, login.err
		}
		return a.loggedIn(ctx)
	default:
		return tools.Login{Status: tools.Waiting, LoginURL: login.page}, nil
	}
}

// loggedIn checks that the stored key works and returns its owner.
func (a *loginAccount) loggedIn(ctx context.Context) (tools.Login, error) {
	credentials, err := a.file.load(a.address())
	if err != nil {
		return tools.Login{}, err
	}
	client, err := a.client(credentials)
	if err == nil {
		err = tools.Check(ctx, client)
	}
	if err != nil {
		return tools.Login{}, err
	}
	return tools.Login{
		Status: tools.LoggedIn, KeyFrom: a.file.path, APIURL: client.BaseURL(),
		MerchantID: credentials.MerchantID, AccountID: credentials.AccountID,
		WalletID: credentials.WalletID, SecretKeyID: credentials.SecretKeyID, SpendKeyID: credentials.SpendKeyID,
	}, nil
}
