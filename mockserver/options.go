package mockserver

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Option configures a server.
type Option func(*config) error

// Addr listens on a TCP address instead of a free port on 127.0.0.1.
func Addr(addr string) Option {
	return func(c *config) error {
		c.addr = addr
		return nil
	}
}

// InMemory listens on no port at all. Only [Server.HTTPClient] and
// [Server.Client] can reach the server, even inside a testing/synctest bubble.
func InMemory() Option {
	return func(c *config) error {
		c.inMemory = true
		return nil
	}
}

// SecretKey sets the secret key of the server's merchant, which must start with
// "aks_test_". If the option is given more than once, each key creates its own
// merchant; the methods of Server act for the first.
func SecretKey(key string) Option {
	return func(c *config) error {
		if err := checkSecretKey(key); err != nil {
			return fmt.Errorf("secret key: %w", err)
		}
		c.keys = append(c.keys, lava.NewSecret(key))
		return nil
	}
}

// Seed makes ids and secrets reproducible: the same calls at the same times get the
// same ids and secrets in each run. A server with the same seed that restores a
// snapshot also keeps its secrets. By default, they differ from run to run.
func Seed(seed uint64) Option {
	return func(c *config) error {
		c.seed = &seed
		return nil
	}
}

// At starts the clock at t instead of at the current time. The clock stands still.
// The year of t is between 1970 and 9998.
func At(t time.Time) Option {
	return func(c *config) error {
		if y := t.UTC().Year(); !t.IsZero() && (y < firstYear || y > lastYear) {
			return fmt.Errorf("at: the year %d is not between %d and %d", y, firstYear, lastYear)
		}
		c.clock = &clock{frozen: true, now: t}
		return nil
	}
}

// RealTime lets the clock run in real time. [Server.Advance] then jumps ahead.
func RealTime() Option {
	return func(c *config) error {
		c.clock = &clock{}
		return nil
	}
}

// WalletBalance sets the initial balance of the merchant's wallet, which pays the
// providers. The default is 1,000 dollars.
func WalletBalance(dollars decimal.Decimal) Option {
	return func(c *config) (err error) {
		c.wallet, err = billing.AmountOf(dollars)
		return err
	}
}

// WalletCard sets the test card that a merchant funds the wallet with. The
// default, 4242 4242 4242 4242, works; see [Checkout] for others. With 4000 0027
// 6000 3184, a person must confirm each payment on the page that the response
// redirects to.
func WalletCard(number string) Option {
	return func(c *config) error {
		_, err := billing.TestCard(number, 12, 2100)
		c.walletCard = number
		return err
	}
}

// PublicURL sets the origin of the links that the server creates, for servers behind another
// name. By default, it is the origin that each request was sent to.
func PublicURL(origin string) Option {
	return func(c *config) error {
		u, err := url.Parse(origin)
		if origin != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("public URL: %q is not an http or https URL such as \"https://lava.example.com\"", origin)
		}
		c.publicURL = strings.TrimSuffix(origin, "/")
		return nil
	}
}

// AllowHost allows access to pages and control endpoints under a host name, such as a
// container's, without a port. Loopback addresses and the host of [PublicURL] are always
// allowed. Other hosts are rejected, because any web page could use them.
func AllowHost(host string) Option {
	return func(c *config) error {
		if !isHost(host) || hasPort(host) {
			return fmt.Errorf("allow host: %q is not a host such as \"lava\", without scheme, port and path", host)
		}
		c.allowedHosts = append(c.allowedHosts, host)
		return nil
	}
}

// ControlToken lets other machines use the control endpoints and the handlers of
// [Server.Mount] if they send the token in the header X-Lava-Mock-Token, and the login
// page, which asks for it. Without a token, only programs on this machine may use them.
// A program that has the token can do anything with the server. The token must have at
// least 16 characters that are valid in a header. The rules of [AllowHost] still apply.
func ControlToken(token string) Option {
	return func(c *config) error {
		const minLength = 16
		if len(token) < minLength {
			return fmt.Errorf("control token: needs at least %d characters", minLength)
		}
		if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return errors.New("control token: may only have ASCII letters, digits and signs, without spaces")
		}
		c.controlToken = lava.NewSecret(token)
		return nil
	}
}

// ResetTiersEachCycle resets the usage count that selects a meter's tier in each
// billing cycle. By default, it never resets. Assumption tier-count.
func ResetTiersEachCycle() Option {
	return func(c *config) error {
		c.rules.ResetTiersEachCycle = true
		return nil
	}
}

// PercentageAsFraction reads the rate "0.2" of a percentage meter as 20 %. By
// default, "20" means 20 %. Assumption percentage-rate.
func PercentageAsFraction() Option {
	return func(c *config) error {
		c.rules.PercentageAsFraction = true
		return nil
	}
}

// AcceptUncountedUsage accepts usage reports (POST /requests) that the meter does not count, such as seconds on a
// token meter. They are recorded and charge nothing. By default, they are rejected with status 400, because otherwise
// the customer would use the application for free without anyone noticing. Assumption uncounted-usage.
func AcceptUncountedUsage() Option {
	return func(c *config) error {
		c.rules.AcceptUncounted = true
		return nil
	}
}

// RecordDelay delays the records of requests, as Lava does, to test an application that polls for them. Until d has
// passed on the server's clock, a record can't be read. Then it is pending, without usage and cost, and after twice d
// it is completed. Lists and usage omit records that don't exist yet. Customers are still charged immediately, and
// POST /requests still responds with the whole record. Lava needs about a second. If the clock stands still,
// [Server.Advance] makes records appear, so tests don't have to sleep. By default, records exist immediately.
// Assumption record-timing.
func RecordDelay(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 || d > maxRecordDelay {
			return fmt.Errorf("record delay: %v is not between 0 and %v", d, maxRecordDelay)
		}
		c.rules.RecordDelay = d
		return nil
	}
}

const maxRecordDelay = 24 * time.Hour

// EnforceRateLimit rejects requests beyond Lava's limit of 1,000 requests a minute
// per key with status 429. By default, the limit is only reported in the
// X-RateLimit headers.
func EnforceRateLimit() Option {
	return func(c *config) error {
		c.enforceRateLimit = true
		return nil
	}
}

// WebhookTimeout sets how long a receiver may take to respond, in Go's time. The
// default is 10 seconds. Assumption webhook-timeout.
func WebhookTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("webhook timeout: %v must be greater than 0", d)
		}
		c.webhookTimeout = d
		return nil
	}
}

// AllowWebhooks allows webhook deliveries to hosts, such as "hooks.example.com" or a
// container's name, without a port. By default, deliveries go only to this machine and
// to the handlers of [Server.HandleWebhooks], because a test with production webhooks
// would otherwise send events to production. Deliveries to other hosts get the status
// [DeliveryRefused].
func AllowWebhooks(hosts ...string) Option {
	return func(c *config) error {
		for _, host := range hosts {
			if !isHost(host) || hasPort(host) {
				return fmt.Errorf("allow webhooks: %q is not a host such as \"hooks.example.com\", without scheme, port and path", host)
			}
			c.webhookHosts = append(c.webhookHosts, strings.ToLower(strings.Trim(host, "[]")))
		}
		return nil
	}
}

// Upstream lets handler respond to requests for a provider's host, such as
// "api.openai.com", instead of a fake provider. They are metered in the same
// way.
func Upstream(host string, handler http.Handler) Option {
	return func(c *config) error {
		if handler == nil {
			return fmt.Errorf("upstream %s: the handler is nil", host)
		}
		return c.upstreams.add(host, upstream.Handler(handler))
	}
}

// UpstreamURL sends requests for a provider's host, such as "api.openai.com", to
// a server: another fake, or the provider itself at "https://api.openai.com"
// with the key from [ProviderKey]. They are metered in the same way.
func UpstreamURL(host, target string) Option {
	return func(c *config) error {
		u, err := url.Parse(target)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
			return fmt.Errorf("upstream %s: want an http or https URL, such as http://127.0.0.1:9000", host) // the given one may contain a password
		case u.User != nil:
			return fmt.Errorf("upstream %s: the URL must not contain a user name or password; use ProviderKey to set the provider's key", host)
		}
		if c.upstreams.transport == nil {
			c.upstreams.transport = upstream.NewTransport()
		}
		return c.upstreams.add(host, upstream.To(u, c.upstreams.transport))
	}
}

// ProviderKey sets the key that the gateway sends to a provider, such as
// "openai", for requests without their own provider key. Fake providers need no
// key.
func ProviderKey(provider, key string) Option {
	return func(c *config) error {
		if c.upstreams.keys == nil {
			c.upstreams.keys = map[string]lava.Secret{}
		}
		c.upstreams.keys[provider] = lava.NewSecret(key)
		return nil
	}
}

// Price sets what a model of a provider costs, in dollars per million tokens of
// input and output, instead of the public price in the catalog. A model that the
// catalog does not have is added.
func Price(provider, model string, input, output decimal.Decimal) Option {
	return func(c *config) error {
		in, err := billing.AmountOf(input)
		if err != nil {
			return fmt.Errorf("price of %s: input: %w", model, err)
		}
		out, err := billing.AmountOf(output)
		if err != nil {
			return fmt.Errorf("price of %s: output: %w", model, err)
		}
		known := c.catalog()
		if err := checkProviderID(known, provider); err != nil {
			return fmt.Errorf("price of %s: %w", model, err)
		}
		if in < 0 || out < 0 {
			return fmt.Errorf("price of %s: %s and %s: a price must not be negative", model, input, output)
		}
		c.ownCatalog = known.With(provider, catalog.Model{ID: model, Rates: catalog.Rates{Input: in, Output: out}})
		return nil
	}
}

// Rule names something that a provider rejects, according to its documentation, and
// that its fake rejects too, such as "openai.tool-call-id". The rules are listed in
// docs/provider-rules.md. The response to a rejected request names the rule in the
// header X-Lavamock-Rule.
type Rule string

// Rules returns the names of all rules.
func Rules() []Rule {
	var names []Rule
	for _, name := range upstream.Rules() {
		names = append(names, Rule(name))
	}
	return names
}

// Lenient lets fake providers accept requests that break the given rules, or any rule
// if none is given. By default, they reject what the real providers reject according
// to their documentation, with the real status and error body.
//
// Tests that passed against a more lenient fake can fail: those that send abbreviated
// requests (a tool message without the call before it, a schema without a name, no
// anthropic-version header), parameters of another provider, or settings that the model
// does not have. The real provider rejects these requests too, so change them if you can,
// and use Lenient for those that you can't change.
func Lenient(rules ...Rule) Option {
	return func(c *config) error {
		before := c.upstreams.lenient
		for _, rule := range rules {
			if err := rule.check(); err != nil {
				return fmt.Errorf("lenient: %w", err)
			}
		}
		c.upstreams.lenient = func(rule upstream.Rule) bool {
			return len(rules) == 0 || slices.Contains(rules, Rule(rule)) || before != nil && before(rule)
		}
		return nil
	}
}

// Setup calls f for each merchant: for the first ones when the server has started, for
// others when they are added, and again after a reset, so that each test begins with what f
// creates. The calls of f are not among [Server.Calls]. [New] and the control endpoints
// return the error of f; [Server.NewMerchant] and [Merchant.Reset] panic. A merchant that
// came with a snapshot has no key, so f is not called for it.
func Setup(f func(*Merchant) error) Option {
	return func(c *config) error {
		c.setup = f
		return nil
	}
}

// OnCall calls f with each call when it has ended. f is called for one call at a time,
// and not after [Server.Close]; it must not call the server. Servers of [Start] log
// their calls to the test if the test failed.
func OnCall(f func(Call)) Option {
	return func(c *config) error {
		c.onCall = f
		return nil
	}
}

// OnRejection calls f when a fake provider rejects a request by a [Rule], once per rule.
// Use it because the error's body is the real provider's and does not name the rule. f is
// called for one rejection at a time, and not after [Server.Close]; it must not call the
// server. Servers of [Start] log to the test by default.
func OnRejection(f func(rule Rule)) Option {
	return func(c *config) error {
		c.upstreams.onRejection = f
		return nil
	}
}

// AllowUnknownHosts lets the gateway forward to any host, even over http. By default,
// hosts that no provider in the catalog has are rejected, unless the forward token has a
// provider key. In records, their provider is "other" and the cost is 0. Assumption
// unknown-hosts.
func AllowUnknownHosts() Option {
	return func(c *config) error {
		c.upstreams.unknownHosts = true
		return nil
	}
}

// AllowUnknownModels accepts models that the catalog does not have, at no cost. By
// default, they are rejected for OpenAI, Anthropic and Google.
func AllowUnknownModels() Option {
	return func(c *config) error {
		c.upstreams.unknownModels = true
		return nil
	}
}
