using System.Security.Cryptography;
using ModelGarden.Contracts.V1;
using ModelGarden.Hosting;
using ModelGarden.Hosting.Access;
using ModelGarden.Hosting.Calls;
using ModelGarden.Kernel;

namespace ModelGarden.AppHost;

/// <summary>
/// Brings the models below <c>deploy/samples</c> into a new garden, the way that any model goes: uploaded, examined, committed, submitted,
/// approved, published. Each step is asked for only if it is not done: a start after a kill goes on where the last one was.
/// </summary>
internal sealed class Samples
{
    private const long InlineLimit = 64 * 1024;
    private readonly Contracts.V1.Catalog.CatalogClient _catalog;
    private readonly Contracts.V1.Artifacts.ArtifactsClient _artifacts;
    private readonly HttpClient _bytes;
    private readonly Screen _screen;

    private Samples(Peers peers, Caller root, Screen screen)
    {
        _catalog = new(peers.As(ServiceNames.Catalog, root));
        _artifacts = new(peers.As(ServiceNames.Artifacts, root));
        _bytes = peers.Http(ServiceNames.Artifacts);
        _screen = screen;
    }

    public static async Task LoadAsync(IServiceProvider gateway, string adminToken, GardenSettings settings, Screen screen, CancellationToken cancellationToken)
    {
        if (!settings.Sample || FindFolder() is not { } folder)
        {
            return;
        }

        try
        {
            var peers = gateway.GetRequiredService<Peers>();
            var root = await new Contracts.V1.Identity.IdentityClient(peers.AsService(ServiceNames.Identity)).AuthenticateAsync(new() { Credential = adminToken }, cancellationToken: cancellationToken);
            var samples = new Samples(peers, new(root.Principal, root.InternalToken), screen);
            foreach (var model in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
            {
                await samples.LoadModelAsync(model, $"{root.Principal.Tenant}/{Path.GetFileName(model)}", cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: the next start goes on.
        }
        catch (Exception exception) when (exception is ErrorException or IOException or HttpRequestException)
        {
            screen.Warning($"the sample models could not be loaded: {exception.Message}");
        }
    }

    private static string? FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "deploy", "samples") is var samples && Directory.Exists(samples))
            {
                return samples;
            }
        }

        return null;
    }

    private async Task LoadModelAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var repository = await FindOrCreateAsync(name, cancellationToken);
        if (repository.PublishedRevisions.Count > 0)
        {
            return;
        }

        if (repository.Head.Length is 0)
        {
            await CommitAsync(folder, name, cancellationToken);
        }

        await PublishAsync(name, repository.Lifecycle, cancellationToken);
        _screen.Fact("sample", $"{name} is published");
    }

    private async Task<Repository> FindOrCreateAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await _catalog.GetRepositoryAsync(new() { Name = name, Kind = Contracts.V1.RepositoryKind.Model }, cancellationToken: cancellationToken);
        }
        catch (ErrorException exception) when (exception.Error.Code is ErrorCode.NotFound)
        {
            return await _catalog.CreateRepositoryAsync(new() { Name = name, Kind = Contracts.V1.RepositoryKind.Model, Visibility = Visibility.Garden }, cancellationToken: cancellationToken);
        }
    }

    private async Task CommitAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var request = new CreateCommitRequest { Name = name, Kind = Contracts.V1.RepositoryKind.Model, Summary = "Add the sample model" };
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            request.Operations.Add(await OperationAsync(file, Path.GetRelativePath(folder, file).Replace('\\', '/'), cancellationToken));
        }

        await _catalog.CreateCommitAsync(request, cancellationToken: cancellationToken);
    }

    private async Task<Operation> OperationAsync(string file, string path, CancellationToken cancellationToken)
    {
        var size = new FileInfo(file).Length;
        if (size <= InlineLimit)
        {
            return new() { AddFile = new() { Path = path, Content = Google.Protobuf.ByteString.CopyFrom(await File.ReadAllBytesAsync(file, cancellationToken)) } };
        }

        await using var content = File.OpenRead(file);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        var upload = await _artifacts.PrepareUploadAsync(new() { Sha256 = sha256, Size = size }, cancellationToken: cancellationToken);
        if (!upload.Stored)
        {
            content.Position = 0;
            using var body = new StreamContent(content);
            using var answer = await _bytes.PutAsync(new Uri(upload.Url, UriKind.Relative), body, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        return new() { AddLargeFile = new() { Path = path, Sha256 = sha256, Size = size } };
    }

    private async Task PublishAsync(string name, Lifecycle state, CancellationToken cancellationToken)
    {
        var steps = new[]
        {
            (Lifecycle.Draft, LifecycleAction.Submit),
            (Lifecycle.Submitted, LifecycleAction.StartReview),
            (Lifecycle.InReview, LifecycleAction.Approve),
            (Lifecycle.Approved, LifecycleAction.Publish),
        };
        foreach (var (_, action) in steps.SkipWhile(step => step.Item1 != state))
        {
            await _catalog.ChangeLifecycleAsync(new() { Name = name, Action = action, Comment = "sample model of the garden" }, cancellationToken: cancellationToken);
        }
    }
}
