package upstream

import (
	"crypto/md5" //nolint:gosec // OpenAI's checksum of an upload
	"encoding/hex"
	"maps"
	"net/http"
	"strings"
)

// openUpload is a large file of OpenAI's that arrives in parts.
type openUpload struct {
	about         object
	name, purpose string
	expires       int64 // when the file will
}

func (u openUpload) shown(*call) any { return u.about }

// filePart is a part of an upload.
type filePart struct {
	upload  string
	content []byte
}

var uploads = collection[openUpload]{missing: func(c *call) response { // the words are assumed
	return openAIFailure(http.StatusNotFound, "", "", "No upload found with id '%s'.", c.resource)
}}

// createUpload begins an upload, which expires after an hour.
func (c *call) createUpload(Reply) response {
	const hour = 60 * 60
	request := c.parsed()
	u := openUpload{name: request.get("filename").text(), purpose: request.get("purpose").text()}
	u.expires = c.fileExpiry(u.purpose, string(request.get("expires_after", "seconds").raw))
	id, ends := c.id("upload_", 0), c.created()+hour
	u.about = object{"id": id, "object": "upload", "bytes": request.get("bytes").integer(), "created_at": c.created(), "filename": u.name,
		"purpose": u.purpose, "status": "pending", "expires_at": ends, "file": nil}
	c.store(id, kept{u, len(c.body), ends})
	return jsonResponse(u.about)
}

// pending returns the response to requests about an upload that has not ended.
func pending(then func(*call, openUpload) response) func(*call, Reply) response {
	return uploads.found(func(c *call, u openUpload) response {
		if status := u.about["status"]; status != "pending" { // the words are assumed
			return openAIFailure(http.StatusBadRequest, "", "", "Upload '%s' is not pending: it has the status '%s'.", c.resource, status)
		}
		return then(c, u)
	})
}

func (c *call) addPart(u openUpload) response {
	id := c.id("part_", 0)
	ends, _ := u.about["expires_at"].(int64)
	content := c.upload().content
	c.store(id, kept{filePart{c.resource, content}, len(content), ends})
	return jsonResponse(object{"id": id, "object": "upload.part", "created_at": c.created(), "upload_id": c.resource})
}

// completeUpload turns the parts into a file, in the order of the request. "The number of bytes uploaded upon completion
// must match the number of bytes initially specified" (platform.openai.com/docs/api-reference/uploads/complete); the
// words of the errors are assumed.
func (c *call) completeUpload(u openUpload) response {
	var content []byte
	for id := range c.parsed().get("part_ids").texts() {
		part, found := recall[filePart](c, id)
		if !found || part.upload != c.resource {
			return openAIFailure(http.StatusBadRequest, "part_ids", "", "No part found with id '%s' in upload '%s'.", id, c.resource)
		}
		content = append(content, part.content...)
	}
	if want := u.about["bytes"]; want != len(content) {
		return openAIFailure(http.StatusBadRequest, "", "", "Expected %d bytes, but the parts have %d bytes.", want, len(content))
	}
	sum := md5.Sum(content) //nolint:gosec // as above
	if want := c.parsed().get("md5").text(); want != "" && !strings.EqualFold(want, hex.EncodeToString(sum[:])) {
		return openAIFailure(http.StatusBadRequest, "md5", "", "The checksum does not match the parts.")
	}
	f := c.newFile(c.id("file-", 0), u.name, u.purpose, u.expires, content)
	c.keepFile(f)
	for id := range c.parsed().get("part_ids").texts() {
		c.remove(id)
	}
	return c.endUpload(u, "completed", f.about)
}

func (c *call) cancelUpload(u openUpload) response { return c.endUpload(u, "cancelled", nil) }

func (c *call) endUpload(u openUpload, status string, file any) response {
	u.about = maps.Clone(u.about)
	u.about["status"], u.about["file"] = status, file
	c.change(c.resource, u, 0)
	return jsonResponse(u.about)
}
