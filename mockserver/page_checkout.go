package mockserver

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

const (
	checkoutPrefix = "/embed/checkout/"
	// checkoutCode is what every text message would say. Assumption checkout-code.
	checkoutCode = "000000"
)

// checkoutSteps are what the page sends, in this order.
var checkoutSteps = map[string]func(*checkout, checkoutInput) (any, error){
	"phone": (*checkout).phone,
	"code":  (*checkout).code,
	"pay":   (*checkout).pay,
}

// serveCheckout responds to requests for /embed/checkout/{secret}, the page that
// the checkout package frames, and to what that page sends. Everybody who has
// the secret may see the page; only the page itself may send.
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
	// First of all: a person who enters a wrong code too late is told that it is too late.
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

// checkoutInput is what a person has entered. Each step sends all of it so far,
// so that nothing is kept between the steps.
type checkoutInput struct {
	Phone  string `json:"phone"`
	Code   string `json:"code"`
	OnFile bool   `json:"on_file"` // pay with the card on file
	Number string `json:"number"`
	Expiry string `json:"expiry"`
	CVC    string `json:"cvc"`
}

// phone says that the code is on its way.
func (c *checkout) phone(in checkoutInput) (any, error) {
	phone, err := c.phoneOf(in)
	if err != nil {
		return nil, err
	}
	return struct {
		Ending string `json:"ending"`
	}{ending(phone)}, nil
}

// code checks the code, and shows what is on file to a person who has it.
func (c *checkout) code(in checkoutInput) (any, error) {
	phone, err := c.verified(in)
	if err != nil {
		return nil, err
	}
	offer, err := c.engine.CheckoutOffer(c.merchant, c.session.ID, phone, c.now)
	if err != nil {
		return nil, err
	}
	return struct {
		offerText
		Known bool   `json:"known"`
		Phone string `json:"phone"`
		Card  string `json:"card"` // on file, or empty
		Free  bool   `json:"free"` // nothing is charged, so no card is needed
	}{describe(offer), offer.Known, ending(phone), describeCard(offer.Card), offer.DueNow() == 0}, nil
}

// pay completes the session. To do so again says the same again, because a
// browser may not have seen the first response. Assumption checkout-reload.
func (c *checkout) pay(in checkoutInput) (any, error) {
	phone, err := c.verified(in)
	if err != nil {
		return nil, err
	}
	offer, err := c.engine.CheckoutOffer(c.merchant, c.session.ID, phone, c.now)
	if err != nil {
		return c.paidBefore(err)
	}
	var card *billing.Card
	if !in.OnFile && offer.DueNow() > 0 {
		entered, err := parseCard(in.Number, in.Expiry, in.CVC, c.now)
		if err != nil {
			return nil, err
		}
		card = &entered
	}
	customer, err := c.completeCheckout(c.now, billing.CompleteCheckout{MerchantID: c.merchant, SessionID: c.session.ID, Phone: phone, Card: card}, &c.kept.trace)
	if err != nil {
		return c.paidBefore(err)
	}
	return paidBody{customer}, nil
}

// paidBefore responds for a session that has been completed, if that is what err
// says.
func (c *checkout) paidBefore(err error) (any, error) {
	if _, session, _ := c.engine.CheckoutSessionBySecret(c.session.SecretHash); !session.CompletedAt.IsZero() {
		return paidBody{session.CustomerID}, nil
	}
	return nil, err
}

type paidBody struct {
	CustomerID string `json:"customer_id"`
}

// verified returns the phone, if the person has read the code that was sent to
// it.
func (c *checkout) verified(in checkoutInput) (string, error) {
	phone, err := c.phoneOf(in)
	switch code := strings.TrimSpace(in.Code); {
	case err != nil:
		return "", err
	case code == "":
		return "", invalid("code", "is required")
	case code != checkoutCode:
		return "", invalid("code", "is not the one that was sent")
	}
	return phone, nil
}

// phoneOf returns the phone that a person has to confirm: the one on file of the
// customer whom the session names, or the one that was entered.
// Assumption checkout-phone.
func (c *checkout) phoneOf(in checkoutInput) (string, error) {
	if c.session.CustomerID != "" {
		v, err := c.engine.Customer(c.merchant, c.session.CustomerID)
		if err != nil || v.Phone != "" {
			return v.Phone, err
		}
	}
	return parsePhone(in.Phone)
}

// ending is what may be shown of a phone to somebody who has not confirmed it.
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

// offerText tells people what they buy.
type offerText struct {
	Title  string `json:"title"`
	Price  string `json:"price"`
	Per    string `json:"per"`
	Credit string `json:"credit"` // what comes with it
	Due    string `json:"due"`    // now
	Later  string `json:"later"`  // why nothing is charged now, or empty
}

func describe(o billing.CheckoutOffer) offerText {
	text := offerText{Title: o.Name, Price: dollars(o.Price), Due: dollars(o.DueNow())}
	if o.Mode == billing.CheckoutCreditBundle {
		text.Per = "once"
		text.Credit = dollars(o.Credit) + " of credit"
		return text
	}
	text.Per = "per " + string(o.Interval)
	if o.Credit > 0 {
		text.Credit = dollars(o.Credit) + " of credit every " + string(o.Interval)
	}
	if !o.Later.IsZero() {
		text.Later = "Your current plan is paid until " + o.Later.Format("January 2, 2006") + ". The new one starts then, and nothing is charged today."
	}
	return text
}

// dollars writes an amount for people: cents, and what is below them only where
// there is something.
func dollars(a billing.Amount) string {
	if a%(billing.Dollar/100) != 0 {
		return "$" + a.Plain()
	}
	return "$" + a.Cents()
}

// checkoutPage is what the page of a session shows.
type checkoutPage struct {
	State      string // "open", or why it is not: "expired", "used", "gone", "unknown"
	SessionID  string
	Origin     string // to which the page may speak; empty for an unknown session
	CustomerID string // who has completed the session
	Offer      offerText
	Ending     string // of the phone on file; empty if one has to be entered
	Code       string
	Expiry     string // that the test cards are filled in with
}

// show sends the page, or one that says why there is none.
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

// write sends the page, which nobody but the session's origin may frame. The
// page of an unknown session has nothing to protect and may be framed anywhere,
// so that it can say what is wrong. Assumption checkout-frame.
func (c *checkout) write(status int, p checkoutPage) error {
	ancestors := p.Origin
	if ancestors == "" {
		ancestors = "*"
	}
	return writePage(c.w, status, "checkout.html", p, ancestors, "'none'")
}

// originOf returns the origin of a URL that the engine has checked.
func originOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}
