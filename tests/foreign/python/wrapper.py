"""Uses flowdock-api-wrapper as its reference shows, and prints what came of it."""

import json
import sys
import threading

import flowdock
from flowdock import constructors as new

inbox = json.loads(sys.argv[1])
# The two addresses that it has are constants of the module.
flowdock.API = flowdock.STREAM = inbox["url"]

service = flowdock.connect(flow_token=inbox["flow_token"])
marty = new.author("Marty")
item = new.thread(
    "Polish the flux capacitor",
    fields=[new.field(label="Dustiness", value="5 - severe")],
    status=new.status(color="green", value="open"),
)
service.present("1234567", marty, "updated ticket", thread=item)
service.present("1234567", marty, "commented", body="Still dusty.")

flow = flowdock.connect(token=inbox["api_token"], org=inbox["organization"], flow=inbox["flow"])
messages = flow.list()
thread = flow.threads(limit=1).pop()
outcome = {
    "listed": [message["title"] for message in messages],
    "last": flow.list(limit=1).pop()["body"],
    "shown": flow.show(messages[1]["id"])["title"],
    "tagged": flow.list(tags=["none"]),
    "thread": thread["title"],
    "in_thread": len(flow.thread(thread["id"]).list()),
}

# Nothing says when the stream is open, so messages are posted for as long as none was heard.
heard = threading.Event()


def post_until_heard():
    while not heard.wait(0.2):
        service.present("1234567", marty, "heard of at once")


poster = threading.Thread(target=post_until_heard)
poster.start()
outcome["heard"] = next(flow.events())["title"]
heard.set()
poster.join()

try:
    service.present("1234567", marty, "")
except AssertionError as refusal:
    outcome["refused"] = str(refusal)

print(json.dumps(outcome))
