package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// browser opens pages for the person at this machine.
type browser struct {
	getenv func(string) string
}

var errNoBrowser = errors.New("no browser")

// open opens a page in the first browser that works: one from the environment variable BROWSER, or else the system's.
func (b browser) open(ctx context.Context, page string) error {
	for _, command := range b.commands() {
		if launch(ctx, withPage(command, page)) == nil {
			return nil
		}
	}
	return errNoBrowser
}

// commands returns the commands that open a page, in the order in which to try them.
func (b browser) commands() [][]string {
	if list := b.getenv("BROWSER"); list != "" {
		var commands [][]string
		for _, command := range filepath.SplitList(list) {
			if words := strings.Fields(command); len(words) > 0 {
				commands = append(commands, words)
			}
		}
		return commands
	}
	switch {
	case runtime.GOOS == "darwin":
		return [][]string{{"open"}}
	case runtime.GOOS == "windows":
		return [][]string{{"rundll32", "url.dll,FileProtocolHandler"}}
	case b.getenv("DISPLAY") != "" || b.getenv("WAYLAND_DISPLAY") != "":
		return [][]string{{"xdg-open"}}
	}
	return nil // no person uses this machine directly
}

// withPage replaces %s in a command by a page's address, or appends the address.
func withPage(command []string, page string) []string {
	var args []string
	placed := false
	for _, word := range command {
		placed = placed || strings.Contains(word, "%s")
		args = append(args, strings.ReplaceAll(word, "%s", page))
	}
	if !placed {
		args = append(args, page)
	}
	return args
}

// launch runs a browser's command. It waits a moment for the command to fail, but
// not for the browser to be closed.
func launch(ctx context.Context, args []string) error {
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // not ended with ctx: it is the person's
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
