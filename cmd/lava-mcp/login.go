package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
)

// pendingLogin is a login that waits for a person. It continues when no tool call waits for it, so that the person
// can take their time.
type pendingLogin struct {
	opened    chan struct{} // closed when page and inBrowser are set
	page      string        // Lava's page for this login
	inBrowser bool          // it was opened in a browser

	done chan struct{} // closed when err is set, and credentials are stored if it is nil
	err  error
}

// begin starts a login, or joins the one in progress.
func (a *loginAccount) begin() (login *pendingLogin, joined bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current != nil {
		return a.current, true
	}
	a.current = &pendingLogin{opened: make(chan struct{}), done: make(chan struct{})}
	go a.run(a.current)
	return a.current, false
}

// run carries out a login.
func (a *loginAccount) run(login *pendingLogin) {
	ctx, cancel := context.WithTimeout(a.ctx, a.life)
	defer cancel()
	granted, err := lava.Login(ctx, lava.LoginParams{
		AppURL: a.app,
		OpenBrowser: func(ctx context.Context, page string) error {
			login.page = page
			login.inBrowser = a.openBrowser(ctx, page) == nil
			close(login.opened)
			return nil // without a browser the agent shows the link
		},
	}, lava.WithBaseURL(a.api))
	switch {
	case err == nil:
		err = a.keep(ctx, *granted)
	case errors.Is(err, context.DeadlineExceeded):
		err = errors.New("nobody logged in and the link has expired: call login again for a new link")
	default:
		// Not wrapped: what it says about keys isn't about the key in use.
		err = errors.New("the login failed: " + strings.TrimPrefix(err.Error(), "lava: "))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = nil
	login.err = err
	close(login.done)
}

// keep creates the agent's spend key and stores it with the login's credentials. It revokes the keys of the previous
// login, because only the file had them.
func (a *loginAccount) keep(ctx context.Context, granted lava.AuthCredentials) error {
	c := credentials{AuthCredentials: granted}
	client, err := a.client(c)
	if err != nil {
		return err
	}
	key, err := client.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: spendKeyName()})
	if err != nil {
		revoke(ctx, client, c)
		return errors.New("the login failed: no spend key was created: " + strings.TrimPrefix(err.Error(), "lava: "))
	}
	c.SpendKeyID, c.SpendKey = key.SpendKeyID, key.Key
	replaced, err := a.file.save(ctx, a.address(), c)
	if err != nil {
		revoke(ctx, client, c)
		return err
	}
	if replaced.MerchantID != c.MerchantID {
		client, err = a.client(replaced) // of another account
	}
	if err == nil {
		revoke(ctx, client, replaced)
	}
	return nil
}

// revoke revokes keys that are no longer stored. If Lava can't be reached, the person can find them in the dashboard.
func revoke(ctx context.Context, client *lava.Client, c credentials) {
	if c.SpendKeyID != "" {
		_ = client.SpendKeys.Revoke(ctx, c.SpendKeyID)
	}
	if c.SecretKeyID != "" {
		_ = client.SecretKeys.Delete(ctx, c.SecretKeyID)
	}
}

// spendKeyName is the name of the agent's spend key in the dashboard.
func spendKeyName() string {
	host, err := os.Hostname()
	if err != nil {
		return "lava-mcp"
	}
	return "lava-mcp on " + host
}

// wait waits until a login is done or patience has passed.
func (login *pendingLogin) wait(ctx context.Context, patience, tick time.Duration, progress func(string)) error {
	enough := time.NewTimer(patience)
	defer enough.Stop()
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	progress("Waiting for the person to log in at " + login.page)
	for {
		select {
		case <-login.done:
			return nil
		case <-enough.C:
			return nil
		case <-ticks.C:
			progress("Still waiting for the person to log in")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
