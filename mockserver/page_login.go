package mockserver

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/lavapayments/lava-go/internal/billing"
)

const loginPath = "/auth/connect"

// serveLogin responds to requests for the page on which a person gives a key to a program on the same computer. It
// redirects the browser to the port on which the program listens, with a code. Assumption login-page.
func serveLogin(c *pageCall) error {
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
		q := c.r.URL.Query()
		page := c.newLoginPage(q.Get("state"))
		var err error
		if page.Port, err = checkLogin(page.State, q.Get("port")); err != nil {
			page.Problem = err.Error()
			return page.write(c, http.StatusBadRequest)
		}
		if page.AsksToken && c.controlToken.IsZero() {
			return c.checkControl(c.r, "")
		}
		return page.write(c, http.StatusOK)
	case http.MethodPost:
		return login(c)
	}
	return errMethod(c.r, "GET or POST")
}

// loginPage is the data of the login page.
type loginPage struct {
	Problem   string // why the login can't proceed, or empty
	State     string
	Port      int
	Merchant  string // to sign in as
	AsksToken bool   // for the control token, because the browser is on another machine
	Rejected  string // what was wrong with the token, or empty
}

func (c *pageCall) newLoginPage(state string) loginPage {
	return loginPage{State: state, Merchant: c.merchant, AsksToken: !isFromThisMachine(c.r.RemoteAddr)}
}

func (p loginPage) write(c *pageCall, status int) error {
	forms := "'none'"
	if p.Problem == "" { // browsers apply the policy to the form's redirect too
		forms = "'self' " + callbackOrigin(p.Port)
	}
	return writePage(c.w, status, "login.html", p, "'none'", forms)
}

// login signs in or up, and redirects the browser. It gives out a secret key, so another machine needs the control
// token, which the browser sends in the form.
func login(c *pageCall) error {
	if err := c.fromOwnPage(); err != nil {
		return err
	}
	r := c.r
	r.Body = http.MaxBytesReader(c.w, r.Body, maxPageBody)
	if err := r.ParseForm(); err != nil {
		return billing.Errorf(billing.CodeInvalidRequest, "", "the form can't be read: %v", err)
	}
	state := r.PostForm.Get("state")
	port, err := checkLogin(state, r.PostForm.Get("port"))
	if err != nil {
		return err
	}
	token := cmp.Or(r.PostForm.Get("control_token"), r.Header.Get(controlTokenHeader))
	if err := c.checkControl(r, token); err != nil {
		if c.controlToken.IsZero() || token == "" {
			return err
		}
		page := c.newLoginPage(state)
		page.Port, page.Rejected = port, err.Error()
		return page.write(c, http.StatusForbidden)
	}
	merchant := c.merchant
	switch as := r.PostForm.Get("merchant"); as {
	case "first":
	case "new":
		if merchant, err = c.addMerchant(c.now, newSecret(testKeyPrefix)); err != nil {
			return err
		}
	default:
		return billing.Invalid("merchant", `%.40q is not "first" or "new"`, as)
	}
	back := url.Values{"code": {c.authCodes.issue(merchant, c.now)}, "state": {state}}
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(c.w, r, callbackOrigin(port)+"/callback?"+back.Encode(), http.StatusSeeOther)
	return nil
}

// callbackOrigin is the origin to which a login redirects: always on the person's own computer.
func callbackOrigin(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

// checkLogin checks the parameters that a program has put into the address of the login page.
func checkLogin(state, port string) (int, error) {
	const mostState = 512
	if state == "" || len(state) > mostState {
		return 0, billing.Invalid("state", "must have 1 to %d characters", mostState)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return 0, billing.Invalid("port", "%.40q is not a port from 1 to 65535", port)
	}
	return n, nil
}
