package lava

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

const (
	appURL       = "https://www.lava.so"
	loginTimeout = 120 * time.Second
)

// AuthCredentials are the result of a login.
type AuthCredentials struct {
	WalletID    string `json:"wallet_id"`
	SecretKeyID string `json:"secret_key_id"`
	SecretKey   Secret `json:"secret_key"`
	MerchantID  string `json:"merchant_id"`
	AccountID   string `json:"account_id"`
}

// ExchangeAuthCode exchanges the code from a login for credentials. A code works
// once, within 60 seconds. The option [WithSecretKey] has no effect, because the
// exchange needs no key. Without [WithBaseURL] and LAVA_API_URL, the exchange goes
// to production.
//
//lava:operation POST /auth/callback
func ExchangeAuthCode(ctx context.Context, code string, opts ...Option) (*AuthCredentials, error) {
	cfg := newConfig(opts)
	cfg.key = ""
	if err := cfg.resolveBase(productionURL); err != nil {
		return nil, err
	}
	params := struct {
		Code string `json:"code"`
	}{code}
	return result[AuthCredentials](ctx, newClient(cfg), call{
		method: http.MethodPost, at: at("auth/callback"), params: params, retries: exchange.Never, secret: code,
	})
}

// LoginParams describe a login. All have defaults.
type LoginParams struct {
	AppURL      string                                       // Lava's web app; by default https://www.lava.so
	OpenBrowser func(ctx context.Context, page string) error // by default the system's browser
}

// Login lets a person authorize this program in the browser, and returns the
// credentials. It opens Lava's page, which sends the browser back to a port of
// this machine with a code, and exchanges the code. It waits until the context
// ends, or for 120 seconds if the context has no deadline.
//
// The options are those of [ExchangeAuthCode], but without [WithBaseURL] Login
// calls the API that belongs to the AppURL.
func Login(ctx context.Context, params LoginParams, opts ...Option) (*AuthCredentials, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, loginTimeout)
		defer cancel()
	}
	app := strings.TrimSuffix(cmp.Or(params.AppURL, appURL), "/")
	if newConfig(opts).baseURL == "" {
		base, err := apiOf(app)
		if err != nil {
			return nil, err
		}
		opts = append(slices.Clip(opts), WithBaseURL(base))
	}
	code, err := authorize(ctx, app, params.OpenBrowser)
	if err != nil {
		return nil, err
	}
	return ExchangeAuthCode(ctx, code, opts...)
}

// apiOf returns the address of the API that belongs to an app: on this machine, the same origin serves both.
func apiOf(app string) (string, error) {
	u, err := url.Parse(app)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("lava: login: app URL %q must begin with https:// and name a host", app)
	}
	switch host := u.Hostname(); {
	case host == "localhost" || host == "127.0.0.1" || host == "::1":
		return u.Scheme + "://" + u.Host + "/v1/", nil
	case strings.Contains(host, "sandbox"):
		return sandboxURL, nil
	}
	return productionURL, nil
}

// authorize opens the app in the browser and returns the code that the browser brings back.
func authorize(ctx context.Context, app string, open func(context.Context, string) error) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("lava: login: listening for the callback failed: %w", err)
	}
	callback := &loginCallback{state: newState(), done: make(chan struct{})}
	server := &http.Server{Handler: callback, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	go func() {
		_ = server.Serve(listener) // returns after the shutdown
		close(served)
	}()
	defer func() {
		// The browser must still get its page.
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(stop) != nil {
			_ = server.Close()
		}
		<-served
	}()

	page := fmt.Sprintf("%s/auth/connect?state=%s&port=%d", app, callback.state, listener.Addr().(*net.TCPAddr).Port)
	if open == nil {
		open = openBrowser
	}
	if err := open(ctx, page); err != nil {
		return "", fmt.Errorf("lava: login: opening the browser failed: %w", err)
	}
	select {
	case <-callback.done:
		return callback.code, callback.err
	case <-ctx.Done():
		if callback.strayed.Load() {
			return "", fmt.Errorf("%w, and no other callback arrived: %w", ErrLoginState, ctx.Err())
		}
		return "", fmt.Errorf("lava: login: no callback from the browser: %w", ctx.Err())
	}
}

func newState() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// loginCallback waits for the browser's callback, once. A callback with another
// state does not belong to this login. Any page in the browser can send one, so
// it does not end the login.
type loginCallback struct {
	state   string
	strayed atomic.Bool // a callback with another state arrived
	once    sync.Once
	done    chan struct{} // closed when code or err is set
	code    string
	err     error
}

// ServeHTTP implements [http.Handler].
func (l *loginCallback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	code := query.Get("code")
	switch {
	case r.URL.Path != "/callback":
		loginPage(w, http.StatusNotFound, "Not found")
	case r.Method != http.MethodGet:
		loginPage(w, http.StatusMethodNotAllowed, "Method not allowed")
	case subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(l.state)) != 1:
		loginPage(w, http.StatusBadRequest, "This login did not begin here. Nothing was changed.")
		l.strayed.Store(true)
	case code == "":
		loginPage(w, http.StatusBadRequest, "The login returned no code. Please start again.")
		l.finish("", errors.New("lava: login: the callback has no code"))
	default:
		loginPage(w, http.StatusOK, "You are logged in. You can close this window.")
		l.finish(code, nil)
	}
}

func (l *loginCallback) finish(code string, err error) {
	l.once.Do(func() {
		l.code, l.err = code, err
		close(l.done)
	})
}

func loginPage(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!DOCTYPE html><html lang=\"en\"><title>Lava</title><p>%s</p></html>\n", text)
}

// openBrowser opens a page in the system's browser. It waits a moment for the
// opener to fail, but not for the browser to be closed.
func openBrowser(ctx context.Context, page string) error {
	command := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open"}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	cmd := exec.Command(command[0], append(command[1:], page)...) //nolint:noctx // not ended with ctx: it is the person's
	if err := cmd.Start(); err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- cmd.Wait() }()
	select {
	case err := <-failed:
		return err
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
