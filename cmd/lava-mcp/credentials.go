package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/lavapayments/lava-go"
)

// credentials are what a login gives the agent.
type credentials struct {
	lava.AuthCredentials
	SpendKeyID string      `json:"spend_key_id"`
	SpendKey   lava.Secret `json:"spend_key"` // for prompts
}

// revealed are credentials as stored in the file, with the keys themselves.
type revealed struct {
	credentials
	SecretKey string `json:"secret_key"`
	SpendKey  string `json:"spend_key"`
}

// credentialsFile stores the credentials of logins: a JSON object with an entry for each address of Lava's API. Only
// this program uses it. Lava's command line has a credentials.json in the folder lava, in another format, which this
// program neither reads nor writes.
type credentialsFile struct {
	path string
}

// openCredentialsFile returns the user's file, which need not exist.
func openCredentialsFile() (credentialsFile, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return credentialsFile{}, fmt.Errorf("no place to store credentials: %w; set LAVA_SECRET_KEY instead of logging in", err)
	}
	return credentialsFile{path: filepath.Join(dir, "lava-mcp", "credentials.json")}, nil
}

// load returns the credentials for an address; without any, the key is empty.
func (f credentialsFile) load(address string) (credentials, error) {
	all, err := f.read()
	return all[address], err
}

func (f credentialsFile) read() (all map[string]credentials, err error) {
	all = map[string]credentials{}
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	defer func() { _ = file.Close() }() // only for reading
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	// Windows has no such modes: there, the folder's permissions protect the file.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("credentials: other users can read or write %s (its mode is %#o): run chmod 600 on it; if others may have read it, log in again and delete the old keys in Lava's dashboard", f.path, mode)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if json.Unmarshal(text, &all) != nil { // its error may quote a key
		return nil, fmt.Errorf("credentials: %s is damaged: remove it and log in again", f.path)
	}
	return all, nil
}

// save stores the credentials for an address, readable by this user only, and returns those that they replace.
// Concurrent saves, even from other processes, wait for each other, so that no entry is lost. Readers need not wait:
// the file is replaced atomically.
func (f credentialsFile) save(ctx context.Context, address string, c credentials) (replaced credentials, err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return credentials{}, fmt.Errorf("credentials: %w", err)
	}
	unlock, err := lock(ctx, f.path+".lock")
	if err != nil {
		return credentials{}, fmt.Errorf("credentials: %w", err)
	}
	defer unlock()
	all, err := f.read()
	if err != nil {
		return credentials{}, err
	}
	replaced = all[address]
	all[address] = c
	entries := make(map[string]revealed, len(all))
	for address, c := range all {
		entries[address] = revealed{c, c.SecretKey.Reveal(), c.SpendKey.Reveal()}
	}
	text, err := json.MarshalIndent(entries, "", "  ")
	if err != nil {
		return credentials{}, err
	}
	if err := replaceFile(f.path, append(text, '\n')); err != nil {
		return credentials{}, fmt.Errorf("credentials: %w", err)
	}
	return replaced, nil
}

// lock takes the lock of a file, which excludes all other processes and goroutines. The system releases it when a
// process dies.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	const (
		patience = 10 * time.Second // the holder of the lock needs it for milliseconds
		pause    = 10 * time.Millisecond
	)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("another process holds the lock on %s: try again", path))
	defer cancel()
	for {
		unlock, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

var errLocked = errors.New("locked")

// replaceFile atomically writes a file that only its owner can read.
func replaceFile(path string, text []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // its mode is 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}
