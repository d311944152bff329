"""An AWS to practise on: moto, plus the operations it lacks, over one believable estate.

One process holds three accounts, their desktops and everything done to them, so that every
service tells one story. Nothing in the product knows that this package exists: it speaks AWS's
own protocols on one port, and a client reaches it by ``AWS_ENDPOINT_URL``.

It deliberately does not check signatures and does not persist what moto holds (buckets and the
like): only the estate has a journal.
"""
