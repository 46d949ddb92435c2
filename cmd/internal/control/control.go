// Package control calls the control endpoints of a mock server. It reads the list of
// operations from the server.
package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Client controls one server.
type Client struct {
	URL   string // of the server
	Key   string // a merchant's secret key; empty: the first merchant
	Token string // the control token; empty if the server is on this machine
	HTTP  *http.Client
}

// Verb is a control operation of a server.
type Verb struct {
	Name        string     `json:"name"`
	Short       string     `json:"short"`
	Method      string     `json:"method"`
	Path        string     `json:"path"`
	Description string     `json:"description"`
	Go          []string   `json:"go"`      // the methods that do the same
	Example     string     `json:"example"` // arguments, as a shell reads them
	Arguments   []Argument `json:"arguments"`
	Returns     []Result   `json:"returns"`
}

// Argument is an argument of a verb.
type Argument struct {
	Name        string     `json:"name"`
	Type        string     `json:"type"`
	Required    bool       `json:"required"`
	Positional  bool       `json:"positional"` // on a command line, given by position
	Description string     `json:"description"`
	Allowed     []string   `json:"allowed"`
	Fields      []Argument `json:"fields"`
}

// Result is a field of a verb's response.
type Result struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Fields []Result `json:"fields"`
}

// Command is the verb's name on the command line.
func (v Verb) Command() string { return cmp.Or(v.Short, v.Name) }

// Positional returns the arguments that a command line gives by position.
func (v Verb) Positional() []Argument {
	n := 0
	for n < len(v.Arguments) && v.Arguments[n].Positional {
		n++
	}
	return v.Arguments[:n]
}

// Synopsis returns a line that shows how to call the verb from a command line. If there
// are many named arguments, they are not listed.
func (v Verb) Synopsis() string {
	const many = 4
	parts, positional := []string{v.Command()}, v.Positional()
	for i, a := range v.Arguments {
		part := a.Name + "=" + strings.ToUpper(a.Type)
		switch {
		case i < len(positional):
			part = strings.ToUpper(a.Name)
		case len(v.Arguments)-len(positional) > many:
			return strings.Join(append(parts, "[NAME=VALUE …]"), " ")
		}
		if !a.Required {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// Usage returns a line that shows the verb's named arguments.
func (v Verb) Usage() string {
	parts := []string{v.Name}
	for _, a := range v.Arguments {
		part := a.Name + "=" + strings.ToUpper(a.Type)
		if !a.Required {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// Takes reports whether a verb has an argument.
func (v Verb) Takes(name string) bool {
	for _, a := range v.Arguments {
		if a.Name == name {
			return true
		}
	}
	return false
}

// Verbs returns the server's control operations.
func (c Client) Verbs(ctx context.Context) ([]Verb, error) {
	data, err := c.send(ctx, http.MethodGet, "/_mock/", nil, "")
	if err != nil {
		return nil, err
	}
	var list struct {
		Data []Verb `json:"data"`
	}
	if err := json.Unmarshal(data, &list); err != nil || len(list.Data) == 0 {
		return nil, fmt.Errorf("%s has no list of control operations: check that it is lavamock, and of this version", c.URL)
	}
	return list.Data, nil
}

// Do carries out a verb with arguments as text, and returns the server's JSON
// response. The server checks the arguments.
func (c Client) Do(ctx context.Context, v Verb, args url.Values) (json.RawMessage, error) {
	path, rest := v.Path, url.Values{}
	for name, values := range args {
		switch {
		case name == "id" && strings.Contains(path, "{id}"):
			path = strings.Replace(path, "{id}", url.PathEscape(values[0]), 1)
		case len(v.Arguments) == 1 && v.Arguments[0].Type == "body" && name == v.Arguments[0].Name:
			return c.send(ctx, v.Method, path, strings.NewReader(values[0]), "application/json")
		default:
			rest[name] = values
		}
	}
	switch {
	case strings.Contains(path, "{id}"):
		i := slices.IndexFunc(v.Arguments, func(a Argument) bool { return a.Name == "id" })
		return nil, fmt.Errorf("id: is required: %s", v.Arguments[i].Description)
	case v.Method == http.MethodPost:
		return c.send(ctx, v.Method, path, strings.NewReader(rest.Encode()), "application/x-www-form-urlencoded")
	case len(rest) > 0:
		path += "?" + rest.Encode()
	}
	return c.send(ctx, v.Method, path, nil, "")
}

// ErrNoServer is the error of a request that got no response.
var ErrNoServer = errors.New("no response from a server")

func (c Client) send(ctx context.Context, method, path string, body io.Reader, kind string) (json.RawMessage, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.Key)
	}
	if c.Token != "" {
		req.Header.Set("X-Lava-Mock-Token", c.Token)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: %w", ErrNoServer, c.URL, unwrapURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, rejection(resp.StatusCode, data)
	}
	return bytes.TrimSpace(data), nil
}

// unwrapURL removes the URL from an error of net/http.
func unwrapURL(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// rejection returns the error in a response.
func rejection(status int, data []byte) error {
	var body struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &body) != nil || body.Error.Message == "" {
		return fmt.Errorf("the server responded with status %d: check that it is lavamock", status)
	}
	return errors.New(body.Error.Message)
}
