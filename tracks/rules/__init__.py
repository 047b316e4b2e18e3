"""What a submission may not do, and the reader that finds it in the text of one."""
