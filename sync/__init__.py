"""The job itself: pull what changed, classify every account, plan the differences, apply them, report."""
