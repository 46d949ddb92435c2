package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// flags are the command line of a server.
type flags struct {
	opts      []mockserver.Option
	addr      string
	publicURL string
	at        string
	tokenFile string
	init      string
	webhook   string
	version   bool
	page      string // onPage, readPage or noPage
}

// The modes of the page.
const (
	onPage   = "on"
	readPage = "read-only"
	noPage   = "off"
)

// parseFlags parses the flags. Requested help is printed to stdout.
func parseFlags(args []string, getenv func(string) string, stdout, stderr io.Writer) (flags, error) {
	fs := flag.NewFlagSet("lavamock", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	var f flags
	fault := f.define(fs, getenv, stderr)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(stdout)
		_, _ = fmt.Fprintln(stdout, "usage: lavamock [FLAG …] starts a server; lavamock help lists the commands for a running server.\nFlags of a server:")
		fs.PrintDefaults()
		return flags{}, err
	case err != nil:
		return flags{}, usageError{fmt.Errorf("%w; lavamock -help lists the flags", err)}
	}
	if *fault != nil {
		return flags{}, usageError{*fault}
	}
	if fs.NArg() > 0 {
		return flags{}, usageError{fmt.Errorf("unexpected argument %q: commands accept only the flags -addr, -url, -json and -f", fs.Arg(0))}
	}
	f.opts = append(f.opts, mockserver.Addr(f.addr), mockserver.PublicURL(f.publicURL))
	if f.webhook != "" {
		u, err := url.Parse(f.webhook)
		if err != nil || u.Hostname() == "" || u.User != nil {
			return flags{}, usageError{errors.New("-webhook: use an http or https URL, such as http://localhost:3000/webhooks/lava")}
		}
		f.opts = append(f.opts, mockserver.AllowWebhooks(u.Hostname()))
	}
	if f.at == "" {
		f.opts = append(f.opts, mockserver.RealTime())
		return f, nil
	}
	t, err := time.Parse(time.RFC3339, f.at)
	if err != nil {
		return flags{}, usageError{fmt.Errorf("-at: %q is not an RFC 3339 time such as 2026-01-31T00:00:00Z", f.at)}
	}
	f.opts = append(f.opts, mockserver.At(t))
	return f, nil
}

// define defines the flags. Errors of flags that may contain a secret are collected in fault, because the flag
// package would print the value.
func (f *flags) define(fs *flag.FlagSet, getenv func(string) string, stderr io.Writer) (fault *error) {
	fault = new(error)
	add := func(opt mockserver.Option) error { //nolint:unparam // flags have functions that may fail
		f.opts = append(f.opts, opt)
		return nil
	}
	duration := func(name, usage string, opt func(time.Duration) mockserver.Option) {
		fs.Func(name, usage, func(v string) error {
			d, err := time.ParseDuration(v)
			if err != nil {
				return err
			}
			return add(opt(d))
		})
	}
	set := func(name, usage string, opt func() mockserver.Option) {
		fs.BoolFunc(name, usage, func(v string) error {
			if on, err := strconv.ParseBool(v); err != nil || !on {
				return errors.New("it takes no value other than true")
			}
			return add(opt())
		})
	}
	each := func(name, usage string, opt func(string) mockserver.Option) {
		fs.Func(name, usage+"; may be repeated", func(v string) error { return add(opt(v)) })
	}

	fs.StringVar(&f.addr, "addr", defaultAddr, "the TCP `address` to listen on; port 0 selects a free port")
	fs.StringVar(&f.publicURL, "public-url", "", "the `URL` to use in links, if it differs from the one that requests are sent to")
	fs.StringVar(&f.at, "at", "", "freeze the clock at this RFC 3339 `time`; without it, real time passes")
	fs.StringVar(&f.tokenFile, "control-token-file", "", "a `file` with the token that other machines need for /_mock/ and /mcp, instead of the environment variable "+controlTokenVariable+" (default: generated and printed, if other machines can connect)")
	fs.StringVar(&f.init, "init", "", "create the webhooks, meters, plans and customers in a JSON `file`, or in the files of a folder, for each merchant; a reset creates them again")
	fs.StringVar(&f.webhook, "webhook", "", "create a webhook for the first merchant with this `URL`, and allow its host; its secret comes from "+webhookSecretVariable+" (whsec_ and at least 8 characters), or is generated and printed; a reset creates it again, with the same secret")

	fs.BoolVar(&f.version, "version", false, "print the version and exit")

	f.page = onPage
	fs.Func("page", "the dashboard at the server's address: `on`, read-only or off (default: on)", func(v string) error {
		f.page = v
		if v != onPage && v != readPage && v != noPage {
			return errors.New("use on, read-only or off")
		}
		return nil
	})

	each("key", "a secret `key` that starts with aks_test_; each key creates its own merchant (default: a random key)", mockserver.SecretKey)
	each("allow-host", "a `host` name, such as a container's, that pages and control endpoints accept", mockserver.AllowHost)
	each("allow-webhooks", "a `host`, such as hooks.example.com or a container's name, to which webhooks may be sent besides this machine", func(host string) mockserver.Option { return mockserver.AllowWebhooks(host) })
	each("lenient", "make fake providers accept requests that break a `rule` such as openai.tool-call-id, or any rule with all; rejections are logged with their rule", func(rule string) mockserver.Option {
		if rule == "all" {
			return mockserver.Lenient()
		}
		return mockserver.Lenient(mockserver.Rule(rule))
	})
	duration("record-delay", "delay the records of requests, as Lava does: after this `duration`, such as 1s, they are pending, and after twice that, completed (default: completed at once)", mockserver.RecordDelay)
	duration("webhook-timeout", "how long a receiver of webhooks may take to respond, as a `duration` (default: 10s)", mockserver.WebhookTimeout)
	fs.BoolFunc("v", "log each call to Lava on one line", func(string) error {
		return add(mockserver.OnCall(func(c mockserver.Call) { _, _ = fmt.Fprintln(stderr, c) }))
	})
	set("allow-unknown-hosts", "let the gateway forward to hosts that the catalog lacks, even over http", mockserver.AllowUnknownHosts)
	set("allow-unknown-models", "accept models that the catalog lacks, at no cost", mockserver.AllowUnknownModels)
	set("enforce-rate-limit", "reject requests beyond 1,000 a minute per key", mockserver.EnforceRateLimit)
	set("accept-uncounted-usage", "accept usage reports that the meter does not count", mockserver.AcceptUncountedUsage)
	set("percentage-as-fraction", "read the rate 0.2 of a percentage meter as 20 %", mockserver.PercentageAsFraction)
	set("reset-tiers-each-cycle", "reset the usage count that selects a meter's tier in each billing cycle", mockserver.ResetTiersEachCycle)
	fs.Func("seed", "a `number` that makes ids and secrets reproducible, together with -at", func(v string) error {
		seed, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return err
		}
		return add(mockserver.Seed(seed))
	})
	fs.Func("wallet-balance", "the initial balance of a merchant's wallet, in `dollars` (default: 1000)", func(v string) error {
		dollars, err := decimal.NewFromString(v)
		if err != nil {
			return errors.New("use an amount such as 12.50")
		}
		return add(mockserver.WalletBalance(dollars))
	})
	fs.Func("wallet-card", "the `number` of the test card that a merchant funds the wallet with", func(v string) error { return add(mockserver.WalletCard(v)) })
	fs.Func("price", "the price of a model, in dollars per million tokens of input and output, as `provider/model=input,output`; may be repeated", func(v string) error {
		opt, err := price(v)
		if err != nil {
			return err
		}
		return add(opt)
	})
	fs.Func("upstream", "send requests for a provider's host to a URL instead of a fake, as `host=URL`; may be repeated", func(v string) error {
		host, target, ok := strings.Cut(v, "=")
		if !ok { // an error here would be printed with the URL, which may contain a password
			*fault = errors.New("-upstream: use host=URL, such as api.openai.com=http://127.0.0.1:9000")
		}
		return add(mockserver.UpstreamURL(host, target))
	})
	fs.Func("provider-key", "where to find the key for a real provider (-upstream): `provider=VARIABLE` names an environment variable, provider=@file a file; may be repeated", func(v string) error {
		provider, place, _ := strings.Cut(v, "=")
		key, err := providerKey(place, getenv)
		if err != nil {
			*fault = fmt.Errorf("-provider-key: %w", err)
		}
		return add(mockserver.ProviderKey(provider, key))
	})
	return fault
}

func price(v string) (mockserver.Option, error) {
	name, amounts, _ := strings.Cut(v, "=")
	provider, model, _ := strings.Cut(name, "/")
	in, out, _ := strings.Cut(amounts, ",")
	input, inErr := decimal.NewFromString(in)
	output, outErr := decimal.NewFromString(out)
	if provider == "" || model == "" || inErr != nil || outErr != nil {
		return nil, errors.New("use provider/model=input,output, such as openai/my-model=2.50,10")
	}
	return mockserver.Price(provider, model, input, output), nil
}

// providerKey reads a key from the environment or a file. Other users can see arguments, so no flag accepts the key
// itself.
func providerKey(place string, getenv func(string) string) (string, error) {
	if file, ok := strings.CutPrefix(place, "@"); ok {
		data, err := os.ReadFile(file)
		return strings.TrimSpace(string(data)), err
	}
	if key := getenv(place); place != "" && key != "" {
		return key, nil
	}
	return "", errors.New("use provider=VARIABLE with an environment variable that is set, or provider=@file; don't put the key itself on the command line")
}

// webhookSecretVariable is the environment variable with the secret for -webhook.
const webhookSecretVariable = "LAVA_WEBHOOK_SECRET"

// furnish returns a function that creates what -init and -webhook define for a merchant. It creates the webhook
// first, for the first merchant only, so that it receives events about the other objects. The webhook signs with the
// secret or, if that is empty, with a new one that furnish sets and that survives a reset of the server.
func (f flags) furnish(ctx context.Context, secret *string) func(*mockserver.Merchant) error {
	return func(m *mockserver.Merchant) error {
		if f.webhook != "" && m.ID() == m.Server().MerchantIDs()[0] {
			webhook, err := m.Client().Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "lavamock -webhook", URL: f.webhook})
			if err != nil {
				return fmt.Errorf("-webhook: %w", err)
			}
			if *secret == "" {
				*secret = webhook.Secret.Reveal()
			}
			var rejected *mockserver.Error
			if err := m.SetWebhookSecret(webhook.WebhookID, *secret); errors.As(err, &rejected) {
				return errors.New(strings.Replace(rejected.Message, "webhook_secret", webhookSecretVariable, 1))
			}
		}
		if f.init == "" {
			return nil
		}
		if err := initialize(ctx, m, f.init); err != nil {
			return fmt.Errorf("-init: %w", err)
		}
		return nil
	}
}
