"""Mail to people: confirm an address, set a password, approved, reconnect, new sign-in.

Tables: none of its own; it reads ``people``. What is to be sent waits as a job that names the
person and the kind of mail. The token of a link is made when the mail is sent: no queue holds it.
Routes: none; `hosted.dashboard.sign_in_pages` answers the links.
Neighbours: other rooms call `outbox.Outbox.post`; `hosted.jobs` calls `delivery.MailDelivery`.
"""
