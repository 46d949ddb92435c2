package mockserver

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

const (
	checkoutPrefix = "/embed/checkout/"
	// checkoutCode is the code in every text message. Assumption checkout-code.
	checkoutCode = "000000"
)

// checkoutSteps are the requests of the page, in this order.
var checkoutSteps = map[string]func(*checkout, checkoutInput) (any, error){
	"phone": (*checkout).phone,
	"code":  (*checkout).code,
	"card":  (*checkout).card,
	"pay":   (*checkout).pay,
}

// serveCheckout responds to requests for /embed/checkout/{secret}, the page that the checkout package frames, and to
// the page's own requests. Anyone with the secret may see the page; only the page itself may send requests.
func serveCheckout(p *pageCall) error {
	secret, action, _ := strings.Cut(strings.TrimPrefix(p.r.URL.Path, checkoutPrefix), "/")
	c := checkout{pageCall: p}
	var found bool
	c.merchant, c.session, found = c.engine.CheckoutSessionBySecret(billing.HashKey(secret))
	if action == "" {
		if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
			return errMethod(c.r, "GET")
		}
		return c.show(found)
	}
	if c.r.Method != http.MethodPost {
		return errMethod(c.r, "POST")
	}
	if err := c.fromOwnPage(); err != nil {
		return err
	}
	step, known := checkoutSteps[action]
	if !found || !known {
		return errNoRoute(c.r, "")
	}
	body, err := readBody(c.r, maxPageBody)
	if err != nil {
		return err
	}
	var in checkoutInput
	if err := decodeJSON(body, &in); err != nil {
		return err
	}
	// Check this first: a person who enters a wrong code after the session has expired learns that it has expired.
	// Assumption checkout-errors.
	_, err = c.engine.CheckoutOffer(c.merchant, c.session.ID, "", c.now)
	var refused *billing.Error
	if errors.As(err, &refused) && refused.Code == billing.CodeSessionExpired {
		return refused
	}
	response, err := step(&c, in)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, response)
	return nil
}

// checkout is one request about one session.
type checkout struct {
	*pageCall
	session billing.CheckoutSession
}

// checkoutInput is what a person has entered so far. Each step sends all of it, so that the server keeps nothing
// between steps.
type checkoutInput struct {
	Phone  string `json:"phone"`
	Code   string `json:"code"`
	OnFile bool   `json:"on_file"` // pay with the card on file
	Number string `json:"number"`
	Expiry string `json:"expiry"`
	CVC    string `json:"cvc"`
	Seen   *seen  `json:"seen"` // only the page sends it
}

// seen is what the page showed to a person who then agreed to it.
type seen struct {
	Due    string `json:"due"`
	Change string `json:"change"`
}

// phone responds as if the code had been sent.
func (c *checkout) phone(in checkoutInput) (any, error) {
	phone, err := c.phoneOf(in)
	if err != nil {
		return nil, err
	}
	return struct {
		Ending string `json:"ending"`
	}{ending(phone)}, nil
}

// code checks the code, and returns the offer and what is on file if it is correct.
func (c *checkout) code(in checkoutInput) (any, error) {
	phone, offer, err := c.offered(in)
	if err != nil {
		return nil, err
	}
	return offerTo(phone, offer), nil
}

// card checks the card, if one is needed, and returns the offer as it is now.
func (c *checkout) card(in checkoutInput) (any, error) {
	phone, offer, err := c.offered(in)
	if err == nil {
		_, err = c.entered(in, offer)
	}
	if err != nil {
		return nil, err
	}
	return offerTo(phone, offer), nil
}

// pay completes the session. If repeated, it responds like the first time, because a browser may not have seen that
// response. Assumption checkout-reload.
func (c *checkout) pay(in checkoutInput) (any, error) {
	phone, err := c.verified(in)
	if err != nil {
		return nil, err
	}
	offer, err := c.engine.CheckoutOffer(c.merchant, c.session.ID, phone, c.now)
	if err != nil {
		return c.paidBefore(err)
	}
	if err := unchanged(in.Seen, offer); err != nil {
		return nil, err
	}
	card, err := c.entered(in, offer)
	if err != nil {
		return nil, err
	}
	customer, err := c.completeCheckout(c.now, billing.CompleteCheckout{MerchantID: c.merchant, SessionID: c.session.ID, Phone: phone, Card: card}, &c.kept.trace)
	if err != nil {
		return c.paidBefore(err)
	}
	return paidBody{customer}, nil
}

// offered returns the person's phone, if it is confirmed, and what the session offers to that person.
func (c *checkout) offered(in checkoutInput) (string, billing.CheckoutOffer, error) {
	phone, err := c.verified(in)
	if err != nil {
		return "", billing.CheckoutOffer{}, err
	}
	offer, err := c.engine.CheckoutOffer(c.merchant, c.session.ID, phone, c.now)
	return phone, offer, err
}

type offerBody struct {
	offerText
	Known bool   `json:"known"`
	Phone string `json:"phone"`
	Card  string `json:"card"` // on file, or empty
}

func offerTo(phone string, offer billing.CheckoutOffer) offerBody {
	return offerBody{describe(offer), offer.Known, ending(phone), describeCard(offer.Card)}
}

// entered returns the card that the person entered; nil if the card on file pays, or if nothing is due.
func (c *checkout) entered(in checkoutInput, offer billing.CheckoutOffer) (*billing.Card, error) {
	if in.OnFile || offer.DueNow() == 0 {
		return nil, nil
	}
	card, err := parseCard(in.Number, in.Expiry, in.CVC, c.now)
	if err != nil {
		return nil, err
	}
	return &card, nil
}

// unchanged returns an error if the offer is no longer the one that the person saw, for example because another tab
// has changed the plan in the meantime. Assumption checkout-seen.
func unchanged(seen *seen, offer billing.CheckoutOffer) error {
	if seen == nil {
		return nil
	}
	if now := describe(offer); seen.Due != now.Due || seen.Change != now.Change {
		return billing.Errorf(billing.CodeConflict, "seen", "seen: is no longer the offer: %s is due now. %s", now.Due, now.Change)
	}
	return nil
}

// paidBefore responds for a session that was already completed, if that is the error.
func (c *checkout) paidBefore(err error) (any, error) {
	if _, session, _ := c.engine.CheckoutSessionBySecret(c.session.SecretHash); !session.CompletedAt.IsZero() {
		return paidBody{session.CustomerID}, nil
	}
	return nil, err
}

type paidBody struct {
	CustomerID string `json:"customer_id"`
}

// verified returns the phone, if the person has entered the code that was sent to it.
func (c *checkout) verified(in checkoutInput) (string, error) {
	phone, err := c.phoneOf(in)
	switch code := strings.TrimSpace(in.Code); {
	case err != nil:
		return "", err
	case code == "":
		return "", billing.Invalid("code", "is required")
	case code != checkoutCode:
		return "", billing.Invalid("code", "is not the one that was sent")
	}
	return phone, nil
}

// phoneOf returns the phone that a person must confirm: the one on file of the session's customer, or the one that
// was entered. Assumption checkout-phone.
func (c *checkout) phoneOf(in checkoutInput) (string, error) {
	if c.session.CustomerID != "" {
		v, err := c.engine.Customer(c.merchant, c.session.CustomerID)
		if err != nil || v.Phone != "" {
			return v.Phone, err
		}
	}
	return parsePhone(in.Phone)
}

// ending returns the part of a phone that may be shown before it is confirmed.
func ending(phone string) string {
	if len(phone) < 4 {
		return ""
	}
	return phone[len(phone)-4:]
}

func describeCard(card *billing.Card) string {
	if card == nil {
		return ""
	}
	return strings.ToUpper(card.Brand[:1]) + card.Brand[1:] + " ending in " + card.Last4
}

// offerText describes to people what they buy.
type offerText struct {
	Title  string `json:"title"`
	Price  string `json:"price"`
	Per    string `json:"per"`
	Credit string `json:"credit"` // included
	Due    string `json:"due"`    // now
	Free   bool   `json:"free"`   // nothing is charged now, so no card is needed
	Change string `json:"change"` // what happens to the customer's current plan, or empty
	Done   string `json:"done"`   // what has happened after completion
}

func describe(o billing.CheckoutOffer) offerText {
	text := offerText{
		Title: o.Name, Price: dollars(o.Price), Due: dollars(o.DueNow()), Free: o.DueNow() == 0,
		Done: "The payment went through.",
	}
	if text.Free {
		text.Done = "Nothing was charged."
	}
	if o.Mode == billing.CheckoutCreditBundle {
		text.Per = "once"
		text.Credit = dollars(o.Credit) + " of credit"
		return text
	}
	text.Per = "per " + string(o.Interval)
	if o.Credit > 0 {
		text.Credit = dollars(o.Credit) + " of credit every " + string(o.Interval)
	}
	if current := o.Replaces; current != nil {
		text.Change = describeChange(o.Name, current)
		if !current.Ends.IsZero() {
			text.Done = "Your plan changes on " + date(current.Ends) + ". Nothing was charged today."
		}
	}
	return text
}

// describeChange describes what happens to a customer's current plan and remaining credit.
func describeChange(next string, current *billing.CurrentPlan) string {
	var says []string
	say := func(format string, args ...any) { says = append(says, fmt.Sprintf(format, args...)) }
	plan := current.Name
	if current.Price > 0 {
		plan += fmt.Sprintf(" (%s per %s)", dollars(current.Price), current.Interval)
	}
	switch {
	case !current.Ends.IsZero():
		say("You stay on %s until %s. %s starts then. Nothing is charged today.", plan, date(current.Ends), next)
	case current.Same:
		say("You are already on this plan. A new period starts today.")
	case current.Price > 0:
		say("You are on %s. It ends today, without a refund for the rest of its period.", plan)
	case current.Loses > 0:
		say("You are on %s. It ends today.", plan)
	}
	// The remainder at the end of a period isn't known in advance.
	if current.Ends.IsZero() && current.Loses > 0 {
		say("Of the credit you have left, %s expires.", dollars(current.Loses))
	}
	if current.Ends.IsZero() && current.Keeps > 0 {
		say("You keep %s of credit.", dollars(current.Keeps))
	}
	switch {
	case current.Pending == nil:
	case current.Pending.Type == billing.Cancellation:
		say("Your cancellation is withdrawn.")
	default:
		say("The planned change to %s is withdrawn.", current.Next)
	}
	return strings.Join(says, " ")
}

func date(t time.Time) string { return t.Format("January 2, 2006") }

// dollars formats an amount for people: with separators, in cents, and with more digits only if needed.
func dollars(a billing.Amount) string {
	text := a.Cents()
	if a%(billing.Dollar/100) != 0 {
		text = a.Plain()
	}
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return "$" + whole + "." + fraction
}

// checkoutPage is the data of a session's page.
type checkoutPage struct {
	State      string // "open", or why it isn't: "expired", "used", "gone", "unknown"
	SessionID  string
	Origin     string // that the page may send messages to; empty for an unknown session
	CustomerID string // that has completed the session
	Offer      offerText
	Ending     string // of the phone on file; empty if one must be entered
	Code       string
	Expiry     string // for filling in the test cards
}

// show sends the page, or one that explains why it isn't available.
func (c *checkout) show(found bool) error {
	if !found {
		return c.write(http.StatusNotFound, checkoutPage{State: "unknown"})
	}
	p := checkoutPage{SessionID: c.session.ID, Origin: originOf(c.session.OriginURL)}
	offer, err := c.engine.CheckoutOffer(c.merchant, c.session.ID, "", c.now)
	var refused *billing.Error
	switch {
	case !c.session.CompletedAt.IsZero():
		p.State, p.CustomerID = "used", c.session.CustomerID
		return c.write(http.StatusConflict, p)
	case errors.As(err, &refused) && refused.Code == billing.CodeSessionExpired:
		p.State = "expired"
		return c.write(http.StatusGone, p)
	case err != nil: // the plan, bundle or customer has been deleted
		p.State = "gone"
		return c.write(http.StatusGone, p)
	}
	p.State, p.Offer, p.Ending, p.Code = "open", describe(offer), ending(offer.Phone), checkoutCode
	p.Expiry = fmt.Sprintf("12/%02d", (c.now.Year()+3)%100)
	return c.write(http.StatusOK, p)
}

// write sends the page, which only the session's origin may frame. The page of an unknown session has nothing to
// protect and may be framed anywhere, so that it can explain the problem. Assumption checkout-frame.
func (c *checkout) write(status int, p checkoutPage) error {
	ancestors := p.Origin
	if ancestors == "" {
		ancestors = "*"
	}
	return writePage(c.w, status, "checkout.html", p, ancestors, "'none'")
}

// originOf returns the origin of a URL that the engine has validated.
func originOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}
