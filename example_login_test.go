package lava_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go"
)

// A command-line program gets a key of its own from the person at the browser.
// Without OpenBrowser it opens the system's browser; here nobody is at it.
func ExampleLogin() {
	ctx := context.Background()
	_, mock := startMock()
	defer mock.stop()

	credentials, err := lava.Login(ctx, lava.LoginParams{
		AppURL:      mock.URL(), // leave it out for Lava
		OpenBrowser: mock.approveLogin,
	})
	if err != nil {
		log.Fatal(err)
	}
	client, err := lava.New(lava.WithSecretKey(credentials.SecretKey), lava.WithBaseURL(mock.URL()))
	if err != nil {
		log.Fatal(err)
	}
	wallet, err := client.Wallet.Retrieve(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(wallet.WalletID == credentials.WalletID)
	// Output: true
}

// approveLogin stands in for the browser and the person before it: it submits
// the form of the login page and goes where that leads.
func (m exampleMock) approveLogin(ctx context.Context, page string) error {
	address, err := url.Parse(page)
	if err != nil {
		return err
	}
	form := address.Query() // state and port
	form.Set("merchant", "first")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", m.URL())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}
