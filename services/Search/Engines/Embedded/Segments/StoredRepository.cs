using Google.Protobuf;
using ModelGarden.Contracts.V1;

namespace ModelGarden.Search.Engines.Embedded.Segments;

/// <summary>A repository as a segment stores it. What is published and not changed since names one commit three times: where it is the head, a sign stands for it.</summary>
internal static class StoredRepository
{
    private const string Head = "=";

    public static byte[] Write(Repository repository)
    {
        var stored = repository.Clone();
        Replace(stored, repository.Head, Head);
        return stored.ToByteArray();
    }

    public static Repository Read(byte[] stored)
    {
        var repository = Repository.Parser.ParseFrom(stored);
        Replace(repository, Head, repository.Head);
        return repository;
    }

    private static void Replace(Repository repository, string commit, string by)
    {
        if (repository.Record is { } record && record.Revision == commit)
        {
            record.Revision = by;
        }

        if (repository.PublishedRevisions is [var newest, ..] && newest == commit)
        {
            repository.PublishedRevisions[0] = by;
        }
    }
}
