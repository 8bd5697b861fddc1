// client.go - a stock varlink client (github.com/varlink/go) against supd: what it is, the text of
// its interface, the tree, an error, and the stream of events. Knows nothing of supd but its names.
//
//	client SOCKET EVENTS     prints what it got, a line each, and that many events
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/varlink/go/varlink"
	"github.com/varlink/go/varlink/idl"
)

const name = "org.supd.Supervisor"

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "client: %s: %v\n", what, err)
	os.Exit(1)
}

type child struct {
	Path  string
	State string
	Pid   *int64
}

type event struct {
	Seq  int64
	Path string
	Kind string
	To   string
}

func describe(ctx context.Context, c *varlink.Connection) {
	var vendor, product, version, url string
	var interfaces []string

	if err := c.GetInfo(ctx, &vendor, &product, &version, &url, &interfaces); err != nil {
		fail("GetInfo", err)
	}
	fmt.Printf("product %s, interfaces %s\n", product, strings.Join(interfaces, " "))
	text, err := c.GetInterfaceDescription(ctx, name)
	if err != nil {
		fail("GetInterfaceDescription", err)
	}
	// This library's parser (0.4.0) knows no capitals in the name of an interface, which varlink
	// allows; all else of the text must please it.
	text = strings.Replace(text, "interface "+name, "interface "+strings.ToLower(name), 1)
	parsed, err := idl.New(text)
	if err != nil {
		fail("the interface text", err)
	}
	fmt.Printf("types %d, methods %d, errors %d\n", len(parsed.Aliases), len(parsed.Methods),
		len(parsed.Errors))
}

func status(ctx context.Context, c *varlink.Connection) {
	var out struct {
		Root     string
		Children []child
	}

	if err := c.Call(ctx, name+".Status", struct{}{}, &out); err != nil {
		fail("Status", err)
	}
	for _, one := range out.Children {
		fmt.Printf("child %s %s\n", one.Path, one.State)
	}
}

func refused(ctx context.Context, c *varlink.Connection) {
	in := struct {
		Path string `json:"path"`
	}{"nobody"}
	err := c.Call(ctx, name+".Stop", in, nil)
	answer, ok := err.(*varlink.Error)

	if !ok {
		fail("Stop of nobody is not refused as it should be", err)
	}
	fmt.Printf("error %s\n", answer.Name)
}

func events(ctx context.Context, c *varlink.Connection, n int) {
	in := struct {
		Since int `json:"since"`
	}{0}
	receive, err := c.Send(ctx, name+".Subscribe", in, varlink.More)

	if err != nil {
		fail("Subscribe", err)
	}
	for n > 0 {
		var out struct{ Event *event }
		flags, err := receive(ctx, &out)

		if err != nil {
			fail("Subscribe", err)
		}
		if flags&varlink.Continues == 0 {
			fail("Subscribe", fmt.Errorf("it ends"))
		}
		if out.Event != nil {
			fmt.Printf("event %d %s %s\n", out.Event.Seq, out.Event.Path, out.Event.To)
			n--
		}
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail("usage: client SOCKET EVENTS", err)
	}
	c, err := varlink.NewConnection(ctx, "unix:"+os.Args[1])
	if err != nil {
		fail("connect", err)
	}
	describe(ctx, c)
	status(ctx, c)
	refused(ctx, c)
	events(ctx, c, n)
	if err := c.Close(); err != nil {
		fail("close", err)
	}
}
