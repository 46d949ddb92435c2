package dashboard

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verb is a control operation from the list at GET /_mock/.
type verb struct {
	Name, Short, Method, Path, Description string
	Arguments                              []argument
}

type argument struct {
	Name, Type, Description string
	Required                bool
	Allowed                 []string
}

// inGo maps verbs to their Go code: "%s" is replaced by the server or merchant, "{id}" by an argument, "{id...}" by one
// that may be left out, and "{...}" by a struct of all others. The page runs no other verbs.
var inGo = map[string]string{
	"clock.advance":              "",
	"failures.arm":               "%s.Fail(mockserver.Failure{...})",
	"failures.disarm":            "%s.Disarm({id...})",
	"declines.arm":               "%s.Decline(mockserver.Decline{...})",
	"webhook_failures.arm":       "%s.FailWebhooks(mockserver.WebhookFailure{...})",
	"script.add":                 "%s.Script(mockserver.Reply{...})",
	"script.reset":               "%s.ResetScript()",
	"triggers.run":               "err := %s.Trigger({what}, {object})",
	"scenarios.create":           "customer, err := %s.Scenario({name})",
	"customers.change_card":      "err := %s.ChangeCard({id}, {card})",
	"checkout_sessions.complete": "customer, err := %s.CompleteCheckout(ctx, {id}, mockserver.Checkout{...})",
	"deliveries.resend":          "err := %s.Resend({id})",
	"deliveries.settle":          "err := %s.Settle(ctx)",
	"merchants.reset":            "%s.Reset()",
}

// table returns the control operations that the page runs.
func (d *dashboard) table() map[string]verb {
	d.listed.Do(func() {
		var list struct{ Data []verb }
		reply := d.control(nil, http.MethodGet, "/_mock/", nil)
		if err := json.Unmarshal(reply.body.Bytes(), &list); err != nil {
			panic(err) // can't fail: this is the server's own list
		}
		d.verbs = map[string]verb{}
		for _, v := range list.Data {
			if _, known := inGo[v.Name]; known {
				d.verbs[v.Name] = v
			}
		}
	})
	return d.verbs
}

// reply is the response of a control operation.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (w *reply) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter].
func (w *reply) WriteHeader(status int) { w.status = status }

// Write implements [http.ResponseWriter].
func (w *reply) Write(p []byte) (int, error) { return w.body.Write(p) }

// control carries out a control operation, as if a program on this machine had requested it. Without a key, it is for
// the first merchant.
func (d *dashboard) control(v *visit, method, path string, args url.Values) *reply {
	w := &reply{header: http.Header{}, status: http.StatusOK}
	r, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader(args.Encode())) //nolint:noctx // it has that of the visit
	if err != nil {
		w.status = http.StatusBadRequest
		return w
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if v != nil {
		r = r.WithContext(v.r.Context())
		if key := v.merchant.SecretKey(); key != "" && v.base != Path {
			r.Header.Set("Authorization", "Bearer "+key)
		}
	}
	d.server.ServeHTTP(w, r)
	return w
}

// arguments returns the arguments of a verb from a form, without empty fields.
func (v verb) arguments(form url.Values) url.Values {
	args := url.Values{}
	for _, a := range v.Arguments {
		if value := strings.TrimSpace(form.Get(a.Name)); value != "" {
			args.Set(a.Name, value)
		}
	}
	return args
}

// said is what was done, or would be done, as code.
type said struct {
	Title   string
	Go      string
	Command string
	Failed  string // the error, or empty
	Results []result
}

// say returns a verb with its arguments in Go and as a command.
func (v verb) say(receiver string, args url.Values) said {
	command := v.command(args)
	if receiver != firstMerchant {
		command = "LAVA_SECRET_KEY=… " + command // the key selects the merchant
	}
	return said{Title: v.Name, Go: v.goCode(receiver, args), Command: command}
}

func (v verb) goCode(receiver string, args url.Values) string {
	if v.Name == "clock.advance" {
		if to := args.Get("to"); to != "" {
			return receiver + ".AdvanceTo(" + goTime(to) + ")"
		}
		return receiver + ".Advance(" + goDuration(args.Get("advance")) + ")"
	}
	code := strings.Replace(inGo[v.Name], "%s", receiver, 1)
	var fields []string
	for _, a := range v.Arguments {
		place, optional := "{"+a.Name+"}", "{"+a.Name+"...}"
		value := a.goValue(args.Get(a.Name))
		switch {
		case strings.Contains(code, optional) && !args.Has(a.Name):
			code = strings.Replace(code, optional, "", 1)
		case strings.Contains(code, optional):
			code = strings.Replace(code, optional, value, 1)
		case strings.Contains(code, place):
			code = strings.Replace(code, place, value, 1)
		case args.Has(a.Name) && !strings.HasPrefix(a.Name, "fault"):
			fields = append(fields, goName(a.Name)+": "+value)
		}
	}
	if fault := args.Get("fault"); fault != "" {
		fields = append(fields, "Fault: mockserver."+goName(fault)+"After("+argument{Type: "integer"}.goValue(cmp.Or(args.Get("fault_after"), "0"))+")")
		if args.Has("fault_delay") {
			fields = append(fields, "FaultDelay: "+goDuration(args.Get("fault_delay")))
		}
	}
	return strings.Replace(code, "{...}", "{"+strings.Join(fields, ", ")+"}", 1)
}

// goValue formats an argument in Go.
func (a argument) goValue(text string) string {
	switch a.Type {
	case "integer", "boolean":
		if !isLiteral(text) {
			return strconv.Quote(text) // the server rejects it, but it must not look like code
		}
		return text
	case "duration":
		return goDuration(text)
	}
	return strconv.Quote(text)
}

// isLiteral reports whether a text is a Go integer or boolean.
func isLiteral(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil || text == "true" || text == "false"
}

// goName returns the name of the struct field for an argument.
func goName(name string) string {
	parts := strings.Split(name, "_")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}

// goDuration formats a duration such as "30d" or "1h30m" in Go.
func goDuration(text string) string {
	if days, ok := strings.CutSuffix(text, "d"); ok && isLiteral(days) {
		if days == "1" {
			return "24 * time.Hour"
		}
		return days + " * 24 * time.Hour"
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return strconv.Quote(text)
	}
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "time.Hour"}, {time.Minute, "time.Minute"}, {time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"}} {
		switch {
		case d == unit.size:
			return unit.name
		case d%unit.size == 0:
			return fmt.Sprintf("%d * %s", d/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

func goTime(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return strconv.Quote(text)
	}
	t = t.UTC()
	return fmt.Sprintf("time.Date(%d, %d, %d, %d, %d, %d, %d, time.UTC)", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
}

// command formats a verb as it is typed.
func (v verb) command(args url.Values) string {
	line := []string{"lavamock", cmp.Or(v.Short, "ctl "+v.Name)}
	for _, a := range v.Arguments {
		if value := args.Get(a.Name); value != "" {
			line = append(line, shellWord(a.Name+"="+value))
		}
	}
	return strings.Join(line, " ")
}

// shellWord quotes a word for a shell if necessary.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-=.,/:@%+", r)
	}
	if word != "" && !slices.ContainsFunc([]rune(word), func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// sent returns the verb of a form, with its arguments.
func (v *visit) sent() (op verb, args url.Values, err error) {
	op, ok := v.table()[v.r.PathValue("verb")]
	if !ok {
		return op, nil, errNotFound("The page does not have this operation.")
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, 64<<10)
	if err := v.r.ParseForm(); err != nil {
		if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
			return op, nil, &problem{http.StatusRequestEntityTooLarge, "The form is longer than 64 KiB."}
		}
		return op, nil, &problem{http.StatusBadRequest, "The form can't be read."}
	}
	return op, op.arguments(v.r.PostForm), nil
}

// act carries out the verb of a form.
func act(v *visit) error {
	if v.readOnly {
		return &problem{http.StatusForbidden, "This page is read-only."}
	}
	op, args, err := v.sent()
	if err != nil {
		return err
	}
	path := strings.Replace(op.Path, "{id}", url.PathEscape(args.Get("id")), 1)
	sent := args
	if path != op.Path {
		sent = url.Values{}
		for name, value := range args {
			if name != "id" {
				sent[name] = value
			}
		}
	}
	before := v.moment()
	response := v.control(v, op.Method, path, sent)
	result := op.say(v.receiver(), args)
	if response.status >= http.StatusBadRequest {
		result.Failed = errorMessage(response.body.Bytes())
	} else {
		result.Results = v.results(op.Name, args, response.body.Bytes(), before)
	}
	if v.r.Header.Get("X-Fragment") != "" {
		v.status = response.status
		return v.render("said", result)
	}
	if result.Failed != "" {
		v.status = response.status
		return v.show("failed", "Rejected", "", struct {
			Why  string
			Form form
		}{result.Failed, v.form(op, args)})
	}
	http.Redirect(v.w, v.r, v.backTo(v.r.PostForm.Get("back"))+"?done="+v.keepDone(result), http.StatusSeeOther)
	return nil
}

// done is the result of a form, for the page it leads back to.
type done struct {
	id string
	said
}

// maxDone limits how many are kept for browsers that don't return.
const maxDone = 16

// keepDone keeps a result until the page is requested with the id that it returns. An address alone can't claim
// anything: only the server knows what was done.
func (d *dashboard) keepDone(s said) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := rand.Text()
	d.done = append(d.done[max(0, len(d.done)-maxDone+1):], done{id, s})
	return id
}

// takeDone returns a result once.
func (d *dashboard) takeDone(id string) *said {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.done, func(kept done) bool { return kept.id == id })
	if i < 0 {
		return nil
	}
	s := d.done[i].said
	d.done = slices.Delete(d.done, i, i+1)
	return &s
}

// errorMessage returns the message of Lava's error body.
func errorMessage(body []byte) string {
	var e struct {
		Error struct{ Message string }
	}
	if json.Unmarshal(body, &e) != nil || e.Error.Message == "" {
		return strings.TrimSpace(string(body))
	}
	return e.Error.Message
}

// count formats a number with a noun.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return number(n) + " " + thing + "s"
}

// showPreview shows what a form would do, while it is being filled in.
func showPreview(v *visit) error {
	op, args, err := v.sent()
	if err != nil {
		return err
	}
	return v.render("code-lines", op.say(v.receiver(), args))
}

// receiver returns the Go variable for the server, or for the page's merchant.
func (v *visit) receiver() string {
	if v.base != Path {
		return "tenant"
	}
	return firstMerchant
}

// firstMerchant is the Go variable for the server, and so for the merchant that it starts with.
const firstMerchant = "s"
