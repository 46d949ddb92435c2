package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"strings"
)

// controlTokenVariable is the environment variable of the control token. There is
// no flag for the token itself: others can see the arguments of a program.
const controlTokenVariable = "LAVA_MOCK_TOKEN"

// controlToken returns the token with which other machines control the server, or "" if none can connect. It reports
// whether the token is new, so that it must be printed.
func (f flags) controlToken(getenv func(string) string) (token string, generated bool, err error) {
	if f.tokenFile != "" {
		text, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return "", false, fmt.Errorf("-control-token-file: %w", err)
		}
		token = strings.TrimSpace(string(text))
		if token == "" {
			return "", false, fmt.Errorf("-control-token-file: %s is empty", f.tokenFile)
		}
	}
	token = cmp.Or(token, getenv(controlTokenVariable))
	if token == "" && !isLoopback(f.addr) {
		return rand.Text(), true, nil
	}
	return token, false, nil
}

// isLoopback reports whether only this machine can connect to an address.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
