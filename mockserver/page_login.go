package mockserver

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/lavapayments/lava-go/internal/billing"
)

const loginPath = "/auth/connect"

// serveLogin responds to requests for the page that lets a person give a program on
// the same computer a key. It sends the browser back to the port on which the
// program listens, with a code. Assumption login-page.
func serveLogin(c *pageCall) error {
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
		q := c.r.URL.Query()
		login := loginPage{State: q.Get("state"), Merchant: c.merchant}
		var err error
		if login.Port, err = checkLogin(login.State, q.Get("port")); err != nil {
			login.Problem = err.Error()
			return writePage(c.w, http.StatusBadRequest, "login.html", login, "'none'", "'none'")
		}
		// Browsers hold the form to where it leads in the end, too.
		return writePage(c.w, http.StatusOK, "login.html", login, "'none'", "'self' "+callbackOrigin(login.Port))
	case http.MethodPost:
		return login(c)
	}
	return errMethod(c.r, "GET or POST")
}

// loginPage is what the login page shows.
type loginPage struct {
	Problem  string // why there is nothing to do here, or empty
	State    string
	Port     int
	Merchant string // that one signs in as
}

// login signs in or up, and sends the browser back.
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
	merchant := c.merchant
	switch as := r.PostForm.Get("merchant"); as {
	case "first":
	case "new":
		if merchant, err = c.addMerchant(c.now, newSecret(testKeyPrefix)); err != nil {
			return err
		}
	default:
		return invalid("merchant", `%.40q is not "first" or "new"`, as)
	}
	back := url.Values{"code": {c.authCodes.issue(merchant, c.now)}, "state": {state}}
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(c.w, r, callbackOrigin(port)+"/callback?"+back.Encode(), http.StatusSeeOther)
	return nil
}

// callbackOrigin is where a login ends: always on the person's own computer.
func callbackOrigin(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

// checkLogin checks what a program has put into the address of the login page.
func checkLogin(state, port string) (int, error) {
	const mostState = 512
	if state == "" || len(state) > mostState {
		return 0, invalid("state", "must have 1 to %d characters", mostState)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return 0, invalid("port", "%.40q is not a port from 1 to 65535", port)
	}
	return n, nil
}
