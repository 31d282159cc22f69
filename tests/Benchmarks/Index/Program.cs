// The index of Search as a program, on what gen_catalog.py makes:
//   convert <records> <feed>        writes the records as states of Catalog's feed, one after the other
//   build <feed> <folder>           builds an index of them; prints seconds
//   ask <folder> <queries> <n>      opens it, asks all queries n times after two rounds unmeasured, and prints what that took: of each kind its median and 99th percentile
using System.Globalization;
using ModelGarden.Benchmarks.Index;

await (args switch
{
    ["convert", var records, var feed] => FeedFile.WriteAsync(records, feed),
    ["build", var feed, var folder] => IndexRun.BuildAsync(feed, folder),
    ["ask", var folder, var queries, var rounds] => IndexRun.AskAsync(folder, queries, int.Parse(rounds, CultureInfo.InvariantCulture)),
    _ => throw new ArgumentException("none of convert, build and ask with what they need"),
});
