package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/cmd/internal/control"
)

// defaultAddr is where lavamock listens, and where its own commands look for it: LAVA on a telephone's keys.
const defaultAddr = "127.0.0.1:5282"

const (
	testKeyPrefix     = "aks_test_"
	secretKeyVariable = "LAVA_SECRET_KEY"
)

// usageError is a command line that can't be understood.
type usageError struct{ error }

// remote is a command to a running server.
type remote struct {
	client control.Client
	verb   string
	words  []string // arguments, as name=value or only the value
	json   bool
	follow bool
}

// commandFlags defines the flags of commands. They may precede or follow the verb.
func (c *remote) commandFlags(getenv func(string) string) (fs *flag.FlagSet, server *string) {
	fs = flag.NewFlagSet("lavamock", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	server = fs.String("url", cmp.Or(getenv("LAVA_API_URL"), "http://"+defaultAddr), "")
	fs.Func("addr", "", func(addr string) error {
		host, port, err := net.SplitHostPort(addr)
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host, _, _ = net.SplitHostPort(defaultAddr)
		}
		*server = "http://" + net.JoinHostPort(host, port)
		return err
	})
	fs.BoolVar(&c.json, "json", false, "")
	fs.BoolVar(&c.follow, "f", false, "")
	return fs, server
}

// isCommand reports whether a command line has a verb, which may follow flags of commands.
func isCommand(args []string) bool {
	fs, _ := new(remote).commandFlags(func(string) string { return "" })
	return fs.Parse(args) == nil && fs.NArg() > 0
}

func parseCommand(args []string, getenv func(string) string) (remote, error) {
	var c remote
	fs, server := c.commandFlags(getenv)
	for rest := args; ; { // flags may follow the verb
		if err := fs.Parse(rest); err != nil {
			if !errors.Is(err, flag.ErrHelp) {
				err = usageError{fmt.Errorf("%w; commands take the flags -addr, -url, -json and -f", err)}
			}
			return c.withVerb(), err
		}
		if fs.NArg() == 0 {
			break
		}
		if c.words, rest = append(c.words, fs.Arg(0)), fs.Args()[1:]; c.words[0] == "ctl" {
			c.words = nil
		}
	}
	source := "-url"
	if *server == getenv("LAVA_API_URL") {
		source = "LAVA_API_URL"
	}
	u, err := url.Parse(*server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return remote{}, usageError{fmt.Errorf("%s: want the http or https URL of a server, such as http://%s", source, defaultAddr)}
	}
	c.client = control.Client{URL: u.Scheme + "://" + u.Host, Token: getenv(controlTokenVariable), HTTP: http.DefaultClient}
	c.client.Key = getenv(secretKeyVariable)
	return c.withVerb(), nil
}

// withVerb removes the verb from the words.
func (c remote) withVerb() remote {
	if len(c.words) > 0 {
		c.verb, c.words = c.words[0], c.words[1:]
	}
	return c
}

// find returns the verb that the command names, and the words after it.
func (c remote) find(verbs []control.Verb) (control.Verb, []string, error) {
	return findVerb(verbs, append([]string{c.verb}, c.words...))
}

// checkVerb returns an error if this program's own server has no such command.
func checkVerb(ctx context.Context, c remote) error {
	verbs, err := ownVerbs(ctx)
	if err != nil {
		return err
	}
	_, _, err = c.find(verbs)
	return err
}

// runCommand runs a command against a running server.
func runCommand(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout io.Writer) error {
	c, err := parseCommand(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp) && c.verb != "":
		return help(ctx, []string{c.verb}, stdout)
	case errors.Is(err, flag.ErrHelp) || c.verb == "" && err == nil:
		return help(ctx, nil, stdout)
	case err != nil:
		return err
	case c.verb == "help":
		return help(ctx, c.words, stdout)
	case len(c.words) == 1 && c.words[0] == "help":
		return help(ctx, []string{c.verb}, stdout)
	case c.client.Key != "" && !strings.HasPrefix(c.client.Key, testKeyPrefix): // never send a live key
		return usageError{errors.New(secretKeyVariable + " is not the secret key of a mock's merchant, which begins with " + testKeyPrefix + "; without one, commands arm and list for all merchants")}
	}
	verbs, err := c.client.Verbs(ctx)
	if errors.Is(err, control.ErrNoServer) {
		if err := checkVerb(ctx, c); err != nil {
			return err // a server would not help
		}
		err = fmt.Errorf("%w; start one with lavamock, or set its address with -addr, -url or LAVA_API_URL", err)
	}
	if err != nil {
		return err
	}
	verb, rest, err := c.find(verbs)
	if err != nil {
		return err
	}
	c.words = rest
	values, err := c.arguments(verb, stdin)
	switch {
	case err != nil:
		return usageError{fmt.Errorf("%w\nusage: lavamock %s\nlavamock help %s shows more", err, verb.Synopsis(), verb.Command())}
	case c.follow && !verb.Takes("after"):
		return usageError{fmt.Errorf("%s does not support -f", verb.Command())}
	case c.follow:
		return c.followUp(ctx, verb, values, stdout)
	}
	data, err := c.client.Do(ctx, verb, values)
	if err != nil {
		return err
	}
	if err := c.print(stdout, verb, data); err != nil {
		return err
	}
	if verb.Name == "failures.unused" {
		return checkUnused(data)
	}
	return nil
}

// checkUnused fails a run, such as a CI step, if something armed was not used.
func checkUnused(data json.RawMessage) error {
	var list struct {
		Data []string `json:"data"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if n := len(list.Data); n > 0 {
		return fmt.Errorf("%d of the armed failures and scripted replies were not used, or not as often as they were armed for", n)
	}
	return nil
}

func (c remote) print(w io.Writer, v control.Verb, data json.RawMessage) error {
	if c.json || v.Name == "snapshot.get" { // which is written to a file
		_, err := fmt.Fprintf(w, "%s\n", data)
		return err
	}
	return render(w, data)
}

// followUp prints a list's entries, then new ones as they appear.
func (c remote) followUp(ctx context.Context, v control.Verb, values url.Values, w io.Writer) error {
	values.Set("wait", "30s")
	for {
		data, err := c.client.Do(ctx, v, values)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // the user has stopped it
		case err != nil:
			return err
		}
		var page struct {
			Data     []json.RawMessage `json:"data"`
			Position json.Number       `json:"position"`
		}
		if err := json.Unmarshal(data, &page); err != nil {
			return err
		}
		if len(page.Data) > 0 {
			if err := c.print(w, v, data); err != nil {
				return err
			}
		}
		values.Set("after", page.Position.String())
	}
}

// arguments returns the arguments in the words after a verb. Positional arguments may omit their names, in order.
func (c remote) arguments(v control.Verb, stdin io.Reader) (url.Values, error) {
	values, positional := url.Values{}, v.Positional()
	for _, word := range c.words {
		name, value, named := strings.Cut(word, "=")
		if object, _, within := strings.Cut(name, "."); named && within && v.Takes(object) {
			return nil, fmt.Errorf("%s is an object: give it as JSON, such as %[1]s='{%[2]q:…}'", object, strings.TrimPrefix(name, object+"."))
		}
		if !named || !v.Takes(name) && !isName(name) {
			if len(positional) == 0 {
				return nil, fmt.Errorf("%q is not name=value", word)
			}
			name, value = positional[0].Name, word
		}
		positional = slices.DeleteFunc(slices.Clone(positional), func(a control.Argument) bool { return a.Name == name })
		if file, ok := strings.CutPrefix(value, "@"); ok {
			data, err := readFile(file, stdin)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			value = string(data)
		}
		values.Add(name, value)
	}
	return values, nil
}

// isName reports whether a text looks like the name of an argument.
func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' })
}

func readFile(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}
