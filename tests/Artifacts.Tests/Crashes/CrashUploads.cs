using System.Net;
using static ModelGarden.Artifacts.Tests.ArtifactsGarden;

namespace ModelGarden.Artifacts.Tests.Crashes;

/// <summary>Uploads to a garden that may be killed meanwhile: each says whether all of it was acknowledged.</summary>
internal static class CrashUploads
{
    public static async Task<bool> PutAsync(ArtifactsGarden garden, byte[] bytes)
    {
        var upload = await garden.PrepareAsync(bytes);
        return upload.Stored || await IsDoneAsync(garden.PutAsync(upload.Url, bytes));
    }

    public static async Task<bool> PutPartsAsync(ArtifactsGarden garden, byte[] bytes)
    {
        var upload = await garden.PrepareAsync(bytes, multipart: true);
        var etags = new List<(int, string)>();
        foreach (var (url, bytesOfPart) in upload.PartUrls.Zip(bytes.Chunk(PartSize)))
        {
            using var part = await garden.PutAsync(url, bytesOfPart);
            if (part.StatusCode is not HttpStatusCode.OK)
            {
                return false;
            }

            etags.Add((etags.Count + 1, part.Headers.ETag!.ToString()));
        }

        return upload.Stored || await IsDoneAsync(garden.CompleteAsync(upload, bytes, [.. etags]));
    }

    private static async Task<bool> IsDoneAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return response.StatusCode is HttpStatusCode.OK;
    }
}
