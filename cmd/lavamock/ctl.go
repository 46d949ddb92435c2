package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/cmd/internal/control"
)

// defaultAddr is where lavamock listens, and where its own commands look for it: LAVA on
// the keys of a telephone.
const defaultAddr = "127.0.0.1:5282"

const testKeyPrefix = "aks_test_"

// usageError is a command line that can't be understood.
type usageError struct{ error }

// remote is what a command line says to do to a server that runs.
type remote struct {
	client control.Client
	verb   string
	words  []string // arguments, as name=value or, for the first, the value alone
	json   bool
	follow bool
}

func parseCommand(args []string, getenv func(string) string, stderr io.Writer) (remote, error) {
	fs := flag.NewFlagSet("lavamock ctl", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		_, _ = fmt.Fprint(stderr, "usage: lavamock ctl [flags] VERB [name=value …]\nWithout a verb it lists them all. @FILE as a value is what the file holds, @- standard input.\n")
		fs.PrintDefaults()
	}
	var c remote
	server := fs.String("url", cmp.Or(getenv("LAVA_API_URL"), "http://"+defaultAddr), "the server's `URL`; by default that of LAVA_API_URL, or "+defaultAddr)
	fs.BoolVar(&c.json, "json", false, "print the server's JSON")
	fs.BoolVar(&c.follow, "f", false, "print what comes, until interrupted (calls)")
	for rest := args; ; { // flags may follow the verb
		if err := fs.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return remote{}, err
			}
			return remote{}, usageError{err}
		}
		if fs.NArg() == 0 {
			break
		}
		c.words, rest = append(c.words, fs.Arg(0)), fs.Args()[1:]
	}
	if len(c.words) > 0 {
		c.verb, c.words = c.words[0], c.words[1:]
	}
	u, err := url.Parse(*server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return remote{}, usageError{errors.New("-url: want the http or https URL of a server, such as http://" + defaultAddr)}
	}
	c.client = control.Client{URL: u.Scheme + "://" + u.Host, Token: getenv(controlTokenVariable), HTTP: http.DefaultClient}
	if key := getenv("LAVA_SECRET_KEY"); strings.HasPrefix(key, testKeyPrefix) { // a live one goes nowhere
		c.client.Key = key
	}
	return c, nil
}

// runCommand does to a running server what the command line says.
func runCommand(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	c, err := parseCommand(args, getenv, stderr)
	if err != nil {
		return err
	}
	verbs, err := c.client.Verbs(ctx)
	if err != nil {
		return fmt.Errorf("%w; start one with lavamock, or name its URL with -url or LAVA_API_URL", err)
	}
	if c.verb == "" {
		return listVerbs(stdout, verbs)
	}
	i := slices.IndexFunc(verbs, func(v control.Verb) bool { return v.Name == c.verb || v.Short == c.verb })
	if i < 0 {
		return usageError{fmt.Errorf("there is no command %q; lavamock ctl lists them", c.verb)}
	}
	verb := verbs[i]
	values, err := c.arguments(verb, stdin)
	switch {
	case err != nil:
		return usageError{fmt.Errorf("%w\nusage: lavamock ctl %s", err, verb.Usage())}
	case c.follow && !verb.Takes("after"):
		return usageError{fmt.Errorf("%s can't be followed", verb.Name)}
	case c.follow:
		return c.followUp(ctx, verb, values, stdout)
	}
	data, err := c.client.Do(ctx, verb, values)
	if err != nil {
		return err
	}
	return c.print(stdout, verb, data)
}

func (c remote) print(w io.Writer, v control.Verb, data json.RawMessage) error {
	if c.json || v.Name == "snapshot.get" { // which is for a file
		_, err := fmt.Fprintf(w, "%s\n", data)
		return err
	}
	return render(w, data)
}

// followUp prints what a list has and will have.
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

// arguments returns what the words after a verb say. The first value may do without its
// name.
func (c remote) arguments(v control.Verb, stdin io.Reader) (url.Values, error) {
	values := url.Values{}
	for i, word := range c.words {
		name, value, named := strings.Cut(word, "=")
		if !named || i == 0 && !v.Takes(name) && !isName(name) {
			if i > 0 || len(v.Arguments) == 0 {
				return nil, fmt.Errorf("%q is not name=value", word)
			}
			name, value = v.Arguments[0].Name, word
		}
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

func listVerbs(w io.Writer, verbs []control.Verb) error {
	for _, v := range verbs {
		about := v.Description
		if v.Short != "" {
			about += " (lavamock " + v.Short + ")"
		}
		if _, err := fmt.Fprintf(w, "%s\n    %s\n", v.Usage(), about); err != nil {
			return err
		}
	}
	return nil
}
