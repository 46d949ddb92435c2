package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/lavapayments/lava-go"
)

// credentialsFile keeps the credentials of logins: a JSON object with an entry
// for each address of Lava's API.
type credentialsFile struct {
	path string
	mu   *sync.Mutex // guards changes
}

// openCredentialsFile returns the user's file, which need not exist.
func openCredentialsFile() (credentialsFile, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return credentialsFile{}, fmt.Errorf("no place to keep credentials: %w; set LAVA_SECRET_KEY instead of logging in", err)
	}
	return credentialsFile{path: filepath.Join(dir, "lava", "credentials.json"), mu: new(sync.Mutex)}, nil
}

// load returns the credentials for an address, without a key if there are none.
func (f credentialsFile) load(address string) (lava.AuthCredentials, error) {
	all, err := f.read()
	return all[address], err
}

func (f credentialsFile) read() (map[string]lava.AuthCredentials, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]lava.AuthCredentials{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	all := map[string]lava.AuthCredentials{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("credentials: %s is damaged: remove it and log in again", f.path)
	}
	return all, nil
}

// save keeps the credentials for an address, for this user's eyes only. The file
// is replaced as a whole, so it is never half written.
func (f credentialsFile) save(address string, credentials lava.AuthCredentials) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	if err != nil {
		return err
	}
	all[address] = credentials
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	if err := replaceFile(f.path, append(text, '\n')); err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	return nil
}

// replaceFile writes a file that only its owner can read, at once.
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
